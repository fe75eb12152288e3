import { Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { isRunId } from '../common/ids.js';
import { Viewer } from './access/viewer.js';
import { DashboardHost } from './dashboard.host.js';
import type { DashboardService } from './dashboard.service.js';
import { DashboardRefusal } from './http/dashboard-refusal.js';
import { HttpExchange, type PlatformRequest, type PlatformResponse } from './http/http-exchange.js';
import { fieldsOf, integer, limitOf, searchOf } from './http/run-query.js';
import { assertJson, assertSameOrigin } from './http/same-origin.js';
import { topicOf, windowOf } from './live/live-topic.js';
import { actionOf, orderOf, reasonOf } from './orders/order-body.js';

type Request = PlatformRequest;
type Response = PlatformResponse;

/** What a route has to make its answer of. */
interface Call {
  readonly exchange: HttpExchange;
  readonly query: URLSearchParams;
  readonly viewer: Viewer;
  readonly service: DashboardService;
}

const LARGEST_VERSION = 2_147_483_647;

/**
 * The routes of the dashboard. It is mounted as a class derived from this one, which brings path, guards and error filter.
 *
 * Answers are sent here and not returned, so that interceptors of the application do not wrap them.
 */
export class DashboardController {
  constructor(@Inject(DashboardHost) private readonly host: DashboardHost) {}

  @Get('api/config')
  config(@Req() request: Request, @Res() response: Response) {
    return this.read(request, response, ({ service, viewer }) => service.config(viewer));
  }

  @Get('api/overview')
  overview(@Req() request: Request, @Res() response: Response) {
    return this.read(request, response, async ({ service, viewer, query }) => {
      await viewer.demand('view', null);
      return service.overview.read(windowOf(query), viewer);
    });
  }

  @Get('api/runs/counts')
  counts(@Req() request: Request, @Res() response: Response) {
    return this.read(request, response, async ({ service, viewer, query }) => {
      await viewer.demand('view', null);
      return service.runs.counts({ ...searchOf(fieldsOf(query)), before: undefined });
    });
  }

  @Get('api/runs')
  runs(@Req() request: Request, @Res() response: Response) {
    return this.read(request, response, ({ service, viewer, query }) => {
      const fields = fieldsOf(query);
      return service.runs.list(searchOf(fields), limitOf(fields), viewer);
    });
  }

  @Get('api/runs/:id')
  run(@Req() request: Request, @Res() response: Response, @Param('id') id: string) {
    return this.read(request, response, ({ service, viewer }) => service.run.read(id, viewer));
  }

  @Get('api/runs/:id/journal')
  journal(@Req() request: Request, @Res() response: Response, @Param('id') id: string) {
    return this.read(request, response, ({ service, viewer, query }) => {
      return service.run.journal(id, query.get('after'), viewer);
    });
  }

  @Get('api/runs/:id/payload')
  payload(@Req() request: Request, @Res() response: Response, @Param('id') id: string) {
    return this.read(request, response, ({ service, viewer, query }) => {
      return service.run.payload(id, query.get('of') ?? '', viewer);
    });
  }

  @Post('api/runs/:id/preview/:action')
  @HttpCode(200)
  preview(
    @Req() request: Request,
    @Res() response: Response,
    @Param('id') id: string,
    @Param('action') action: string,
  ) {
    return this.order(request, response, ({ service, viewer }, body) => {
      return service.orders.preview(id, orderOf(actionOf(action), body), viewer);
    });
  }

  @Post('api/runs/:id/actions/:action')
  @HttpCode(200)
  act(@Req() request: Request, @Res() response: Response, @Param('id') id: string, @Param('action') action: string) {
    return this.order(request, response, ({ service, viewer }, body) => {
      return service.orders.give(id, orderOf(actionOf(action), body), body.fingerprint, viewer);
    });
  }

  @Post('api/bulk/preview')
  @HttpCode(200)
  previewBulk(@Req() request: Request, @Res() response: Response) {
    return this.order(request, response, ({ service, viewer }, body) => service.bulk.preview(body, viewer));
  }

  @Post('api/bulk')
  @HttpCode(200)
  bulk(@Req() request: Request, @Res() response: Response) {
    return this.order(request, response, ({ service, viewer }, body) => service.bulk.give(body, viewer));
  }

  @Get('api/workflows')
  workflows(@Req() request: Request, @Res() response: Response) {
    return this.read(request, response, async ({ service, viewer }) => {
      await viewer.demand('view', null);
      return service.plans.workflows(viewer);
    });
  }

  @Get('api/workflows/:name/difference')
  difference(@Req() request: Request, @Res() response: Response, @Param('name') name: string) {
    return this.read(request, response, async ({ service, viewer, query }) => {
      await viewer.demand('view', null);
      return service.plans.difference(name, query.get('from') ?? '', query.get('to') ?? '');
    });
  }

  @Get('api/workflows/:name/:version')
  workflow(
    @Req() request: Request,
    @Res() response: Response,
    @Param('name') name: string,
    @Param('version') version: string,
  ) {
    return this.read(request, response, async ({ service, viewer, query }) => {
      await viewer.demand('view', null);
      const number = integer('version', version, 1, LARGEST_VERSION);
      return service.plans.workflow(name, number, query.get('hash') || undefined, viewer);
    });
  }

  @Post('api/workflows/:name/preview/:action')
  @HttpCode(200)
  previewWorkflow(
    @Req() request: Request,
    @Res() response: Response,
    @Param('name') name: string,
    @Param('action') action: string,
  ) {
    return this.order(request, response, ({ service, viewer }, body) => {
      const { pause, version } = workflowOrder(action, body);
      return service.orders.previewOfWorkflow(pause, name, version, viewer);
    });
  }

  @Post('api/workflows/:name/actions/:action')
  @HttpCode(200)
  actOnWorkflow(
    @Req() request: Request,
    @Res() response: Response,
    @Param('name') name: string,
    @Param('action') action: string,
  ) {
    return this.order(request, response, ({ service, viewer }, body) => {
      const { pause, version, reason } = workflowOrder(action, body);
      return service.orders.giveToWorkflow(pause, name, version, reason, viewer);
    });
  }

  @Get('api/workers')
  workers(@Req() request: Request, @Res() response: Response) {
    return this.read(request, response, async ({ service, viewer }) => {
      await viewer.demand('view', null);
      return service.workers();
    });
  }

  @Get('api/definitions')
  definitions(@Req() request: Request, @Res() response: Response) {
    return this.read(request, response, async ({ service, viewer }) => {
      await viewer.demand('view', null);
      return service.plans.definitions();
    });
  }

  @Get('api/operations')
  operations(@Req() request: Request, @Res() response: Response) {
    return this.read(request, response, async ({ service, viewer, query }) => {
      await viewer.demand('view', null);
      const before = query.get('before');
      return service.operations(isRunId(before) ? before : null, viewer);
    });
  }

  @Get('api/events')
  async events(@Req() request: Request, @Res() response: Response) {
    const { exchange, service, viewer, query } = await this.call(request, response, false);
    const topic = topicOf(query);
    if (topic.topic === 'run') await viewer.demandView(await service.runs.find(topic.id));
    else if (topic.topic === 'overview') await viewer.demand('view', null);
    await service.live.open(topic, viewer, exchange);
  }

  @Get('theme.css')
  async theme(@Req() request: Request, @Res() response: Response) {
    const { exchange, service } = await this.call(request, response, false);
    service.assets.sendTheme(service.options.theme, exchange);
  }

  /**
   * Files of the page; everything else is the page itself, which finds its way by the address. Its own address is a
   * wildcard, which is written by platform: see `routePage`.
   */
  async page(@Req() request: Request, @Res() response: Response) {
    const exchange = new HttpExchange(request, response);
    const { base, rest } = this.host.place(exchange.url.pathname);
    const service = await this.host.service();
    if (rest.startsWith('api/')) throw new DashboardRefusal('not_found', 'There is no such address.');
    if (await service.assets.sendFile(rest, exchange)) return;
    if (rest.startsWith('assets/')) throw new DashboardRefusal('not_found', 'There is no such file.');
    await service.assets.sendPage(base, service.options.theme, exchange);
  }

  private async read(request: Request, response: Response, answer: (call: Call) => Promise<unknown>): Promise<void> {
    const call = await this.call(request, response, false);
    call.exchange.sendJson(await answer(call));
  }

  private async order(
    request: Request,
    response: Response,
    answer: (call: Call, body: Readonly<Record<string, unknown>>) => Promise<unknown>,
  ): Promise<void> {
    const call = await this.call(request, response, true);
    assertJson(call.exchange);
    call.exchange.sendJson(await answer(call, await call.exchange.body()));
  }

  private async call(request: Request, response: Response, order: boolean): Promise<Call> {
    const exchange = new HttpExchange(request, response);
    const service = await this.host.service();
    const { origins, user, userName, authorize } = service.options;
    assertSameOrigin(exchange, order, origins);
    const person = await user(request);
    const viewer = new Viewer(person, userName(person), authorize);
    return { exchange, query: exchange.url.searchParams, viewer, service };
  }
}

function workflowOrder(
  action: string,
  { version, reason }: Readonly<Record<string, unknown>>,
): { readonly pause: 'pause' | 'unpause'; readonly version: number | undefined; readonly reason: string | undefined } {
  if (action !== 'pause' && action !== 'unpause') {
    throw new DashboardRefusal('not_found', 'Workflows can be paused and unpaused.');
  }
  const given = version !== undefined && version !== null;
  return {
    pause: action,
    version: given ? integer('version', version, 1, LARGEST_VERSION) : undefined,
    reason: reasonOf(reason),
  };
}
