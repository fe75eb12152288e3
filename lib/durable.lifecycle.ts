import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { DurableEngine } from './durable.engine.js';

/**
 * Ties the engine to the application: ready before any provider's `onApplicationBootstrap`, working from there on, no run
 * held when the application's own connections are closed.
 */
@Injectable()
export class DurableLifecycle
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(@Inject(DurableEngine) private readonly engine: DurableEngine) {}

  async onModuleInit(): Promise<void> {
    await this.engine.begin();
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.engine.startWorker();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.engine.stopWorker();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.engine.close();
  }
}
