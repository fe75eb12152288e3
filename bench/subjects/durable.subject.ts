import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DurableEngine } from '../../lib/durable.engine.js';
import { durable, DurableModule, DurableRunner, type DurableContext, type DurableWorkflow } from '../../lib/index.js';
import {
  PLAN_NAMES,
  PLANS,
  stepResult,
  type Parking,
  type PlanName,
  type StepKind,
  type Subject,
  type SubjectSpec,
} from './subject.interface.js';

/** Its runs wait for one signal, or for a time that does not come. */
const PARKING_PLAN = 'parking';
const PARKING_SIGNAL = 'go';
const FAR = '30d';

/** nest-durable in this process, with its own defaults apart from the number of runs in flight. */
export class DurableSubject implements Subject {
  readonly settings: string;

  private constructor(
    private readonly app: INestApplicationContext,
    readonly runner: DurableRunner,
    readonly engine: DurableEngine,
    { role, inFlight }: SubjectSpec,
  ) {
    this.settings = role === 'worker' ? `concurrency ${inFlight}` : 'no worker';
  }

  static async start(spec: SubjectSpec, onStep: () => void): Promise<DurableSubject> {
    const { url, role, inFlight, steps = {} } = spec;
    const handler = stepHandler(steps, onStep);
    const workflows = [...PLAN_NAMES.map((name) => planOf(name, PLANS[name], steps, handler)), parkingPlan(onStep)];
    @Module({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url, autoLoadEntities: true }),
        DurableModule.forRoot({ worker: role === 'worker' && { concurrency: inFlight }, migrate: true }),
      ],
      providers: workflows.map((workflow) => ({ provide: workflow.name, useValue: workflow })),
    })
    class BenchModule {}
    const app = await NestFactory.createApplicationContext(BenchModule, { logger: ['error'] });
    return new DurableSubject(app, app.get(DurableRunner), app.get(DurableEngine), spec);
  }

  async run(plan: PlanName): Promise<void> {
    await this.runner.startAndWait(plan, { order: 1 });
  }

  async start(plan: PlanName): Promise<void> {
    await this.runner.start(plan, { order: 1 });
  }

  readonly startMany = (plan: PlanName, count: number): Promise<void> => this.startRuns(plan, count);

  readonly parking: Parking = {
    startMany: (count) => this.startRuns(PARKING_PLAN, count),
    signal: async (runId) => {
      await this.runner.signal(runId, PARKING_SIGNAL);
    },
  };

  private async startRuns(plan: string, count: number): Promise<void> {
    const inputs = Array.from({ length: count }, (_, order) => ({ order }));
    await this.runner.startMany(plan, inputs);
  }

  async close(): Promise<void> {
    await this.app.close();
  }
}

type Handler = (context: DurableContext, step: number) => unknown;

function planOf(name: string, length: number, { transactional }: StepKind, handler: Handler): DurableWorkflow {
  const workflow = durable(name);
  for (let step = 0; step < length; step++) {
    workflow.step(`step-${step}`, (context) => handler(context, step), { transactional });
  }
  return workflow;
}

function stepHandler({ resultBytes, waitMs, transactional }: StepKind, onStep: () => void): Handler {
  const text = resultBytes === undefined ? null : textOf(resultBytes - '{"text":""}'.length);
  const noOp = (_: DurableContext, step: number): unknown => {
    onStep();
    return text === null ? stepResult(step) : { text };
  };
  if (waitMs !== undefined) {
    return async (context, step) => {
      await delay(waitMs);
      return noOp(context, step);
    };
  }
  if (!transactional) return noOp;
  return async (context, step) => {
    await context.manager.query('insert into bench_effect (run_id, step) values ($1, $2)', [context.runId, step]);
    return noOp(context, step);
  };
}

/** Text that does not compress. */
function textOf(length: number): string {
  return randomBytes(length).toString('base64').slice(0, Math.max(0, length));
}

function parkingPlan(onStep: () => void): DurableWorkflow {
  const workflow = durable(PARKING_PLAN);
  workflow.step('before', () => stepResult(0));
  workflow.waitForSignal('parked', PARKING_SIGNAL, { timeout: FAR });
  workflow.step('after', () => {
    onStep();
    return stepResult(1);
  });
  return workflow;
}
