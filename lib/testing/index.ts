export { DurableTesting } from './durable-testing.js';
export { VirtualClock } from './virtual-clock.js';
