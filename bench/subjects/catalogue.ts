import { DurableSubject } from './durable.subject.js';
import { startDbos } from './peers/dbos.subject.js';
import { startGraphileWorker } from './peers/graphile-worker.subject.js';
import { startOpenWorkflow } from './peers/openworkflow.subject.js';
import { startPgBoss } from './peers/pg-boss.subject.js';
import { OURS, UNGROUPED, type PeerName } from './subject-names.js';
import type { SubjectFactory } from './subject.interface.js';
import { startUngrouped } from './ungrouped-writes.js';

const PEERS: Readonly<Record<PeerName, SubjectFactory>> = {
  'pg-boss': startPgBoss,
  openworkflow: startOpenWorkflow,
  'graphile-worker': startGraphileWorker,
  dbos: startDbos,
};

/** Every engine that can be measured, by its name. */
export const SUBJECTS: Readonly<Record<string, SubjectFactory>> = {
  [OURS]: (spec, onStep) => DurableSubject.start(spec, onStep),
  [UNGROUPED]: startUngrouped,
  ...PEERS,
};
