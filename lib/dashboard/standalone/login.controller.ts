import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { HttpExchange, type PlatformRequest, type PlatformResponse } from '../http/http-exchange.js';
import { DoorKeeper } from './door-keeper.js';

const FORM = (problem: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>nest-durable</title></head>
<body><main><h1>nest-durable</h1><p role="alert">${problem}</p>
<form method="post" action="login"><label>Token <input name="token" type="password" autocomplete="off" required autofocus></label>
<button>Open the dashboard</button></form></main></body></html>`;

/** The door of a dashboard that is a process of its own: takes the token, and gives a session for it. */
@Controller()
export class LoginController {
  constructor(@Inject(DoorKeeper) private readonly keeper: DoorKeeper) {}

  @Get()
  root(@Req() request: PlatformRequest, @Res() response: PlatformResponse): void {
    redirect(new HttpExchange(request, response), '/durable', {});
  }

  @Get('login')
  open(@Req() request: PlatformRequest, @Res() response: PlatformResponse): void {
    const exchange = new HttpExchange(request, response);
    const token = exchange.url.searchParams.get('token');
    if (token === null) return form(exchange, 200, '');
    this.enter(exchange, token);
  }

  @Post('login')
  @HttpCode(303)
  enterWithForm(@Req() request: PlatformRequest, @Res() response: PlatformResponse): void {
    const { token } = (request.body ?? {}) as { readonly token?: unknown };
    this.enter(new HttpExchange(request, response), token);
  }

  private enter(exchange: HttpExchange, token: unknown): void {
    const cookie = this.keeper.knowsHost(exchange.header('host')) ? this.keeper.letIn(token) : null;
    if (cookie === null) return form(exchange, 401, 'This token does not open the dashboard, or not any more.');
    redirect(exchange, '/durable', { 'set-cookie': cookie });
  }
}

function form(exchange: HttpExchange, status: number, problem: string): void {
  exchange.send({ status, type: 'text/html; charset=utf-8', body: FORM(problem) });
}

function redirect(exchange: HttpExchange, location: string, headers: Readonly<Record<string, string>>): void {
  exchange.send({ status: 303, type: 'text/plain', body: '', headers: { location, ...headers } });
}
