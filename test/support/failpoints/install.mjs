/**
 * Failpoints for whatever process is started with `node --import …/failpoints/install.mjs` and has the variable
 * `NEST_DURABLE_FAILPOINTS`. The package knows nothing of them: they sit in the driver. See docs/failpoints.md.
 */
import pg from 'pg';
import { Failpoints } from './failpoints.mjs';
import { parseFailpoints } from './specification.mjs';

const armed = parseFailpoints(process.env.NEST_DURABLE_FAILPOINTS ?? '');
if (armed.length > 0) install(pg.Client, new Failpoints(armed));

/** Leads every statement of every connection through the failpoints, callbacks and promises alike. */
function install(Client, failpoints) {
  const { query } = Client.prototype;
  Client.prototype.query = function (config, ...rest) {
    const text = typeof config === 'string' ? config : config?.text;
    if (typeof text !== 'string' || typeof config.submit === 'function') return query.call(this, config, ...rest);
    const callback = rest.find((argument) => typeof argument === 'function');
    const values = rest.find(Array.isArray) ?? config.values ?? [];
    const run = () => query.call(this, config, ...rest.filter((argument) => argument !== callback));
    const send = (other) => query.call(this, other);
    const result = failpoints.wrap(this, { text, values }, run, send);
    if (!callback) return result;
    result.then(
      (answer) => callback(null, answer),
      (error) => callback(error),
    );
    return undefined;
  };
}
