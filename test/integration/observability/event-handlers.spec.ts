/** Covers: methods of providers that are decorated to be told of events. Which events there are is in events.spec.ts. */
import { Injectable } from '@nestjs/common';
import {
  durable,
  OnDurableEvent,
  type DurableEvent,
  type DurableEventName,
  type DurableEventOf,
} from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';

const apps = new DurableApps();

describe('@OnDurableEvent', () => {
  @Injectable()
  class Audit {
    readonly failures: string[] = [];
    readonly all: DurableEventName[] = [];

    @OnDurableEvent('durable.run.failed', 'durable.run.completed')
    onEnd({ name, workflow }: DurableEventOf<'durable.run.failed' | 'durable.run.completed'>): void {
      this.failures.push(`${name} ${workflow}`);
    }

    @OnDurableEvent()
    onAny({ name }: DurableEvent): void {
      this.all.push(name);
    }
  }

  @Injectable()
  class Careless {
    @OnDurableEvent('durable.step.completed')
    throwing(): void {
      throw new RangeError('the password is hunter2');
    }

    @OnDurableEvent('durable.step.completed')
    async rejecting(): Promise<void> {
      await Promise.reject(new TypeError('the password is hunter2'));
    }
  }

  it('calls methods of providers with their events, from the first on', async () => {
    const { app, runner, testing } = await apps.bootVirtual({
      workflows: [durable('order').step('charge', () => 1)],
      providers: [Audit],
    });

    await runner.start('order', null);
    await testing.drain();

    const audit = app.moduleRef.get(Audit);
    expect(audit.failures).toEqual(['durable.run.completed order']);
    expect(audit.all).toEqual(expect.arrayContaining(['durable.worker.started', 'durable.run.started']));
  });

  it('disturbs no run when a handler throws or rejects, and says so once, without the message', async () => {
    const order = durable('order')
      .step('charge', () => 1)
      .step('ship', () => 2);
    const { runner, testing } = await apps.bootVirtual({ workflows: [order], providers: [Careless] });

    const run = await runner.start('order', null);
    await testing.drain();

    expect((await runner.find(run.id)).status).toBe('completed');
    const told = apps.log.lines.filter((line) => line.includes('Careless'));
    expect(told).toHaveLength(2);
    expect(told[0]).toMatch(
      /^error Careless\.throwing failed on durable\.step\.completed with RangeError at .+throwing/,
    );
    expect(told[1]).toMatch(/^error Careless\.rejecting failed on durable\.step\.completed with TypeError at /);
    expect(apps.log.lines.join('\n')).not.toContain('hunter2');
  });

  it('refuses, at start, a handler whose class has no lasting instance', async () => {
    @Injectable({ scope: 2 })
    class PerRequest {
      @OnDurableEvent()
      onAny(): void {}
    }

    await expect(apps.boot({ providers: [PerRequest] })).rejects.toThrow(
      'PerRequest.onAny handles events, but no instance of its class lasts: make it a singleton.',
    );
  });
});
