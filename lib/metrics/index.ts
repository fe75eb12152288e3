export { DurableMetrics } from './durable-metrics.js';
export { DurableMetricsModule, type DurableMetricsOptions } from './durable-metrics.module.js';
export { METRICS, type MetricDefinition, type MetricName } from './metric-definitions.js';
