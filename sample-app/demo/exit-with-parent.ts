/**
 * Preloaded into the demo's processes: when the demo is gone, kill -9 included, its end of the channel closes, and they
 * stop as on any SIGTERM instead of serving a shop that nobody looks at.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));

export {};
