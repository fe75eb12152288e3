import type { EventBus } from './event-bus.js';
import type { Tracing } from './tracing.interface.js';

/** Whom the engine tells what it does. */
export class Telemetry {
  /** `null` where nobody traces: OpenTelemetry is not installed, is switched off, or has not been loaded yet. */
  tracing: Tracing | null = null;

  constructor(readonly events: EventBus) {}
}
