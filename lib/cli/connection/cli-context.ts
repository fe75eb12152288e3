import type { INestApplicationContext } from '@nestjs/common';
import type { DurableEngine } from '../../durable.engine.js';
import type { DurableRunner } from '../../runner/durable-runner.js';
import type { DatabaseSurvey } from '../../storage/contract/database-survey.contract.js';

/** A module that is up, without a worker, for as long as a command takes. */
export interface CliContext {
  readonly app: INestApplicationContext;
  readonly runner: DurableRunner;
  readonly engine: DurableEngine;
  readonly survey: DatabaseSurvey;
  /** The application's code is here: its workflows, their validators and plans. */
  readonly hasCode: boolean;
  /** Disconnects. May be called twice. */
  close(): Promise<void>;
}
