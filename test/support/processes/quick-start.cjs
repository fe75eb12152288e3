/**
 * Runs the program beside it with the code that V8 made of it the first time, which its first end leaves behind: what takes
 * longest in the start of a process that lives for a second is reading four megabytes of JavaScript.
 */
const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { wrap } = require('node:module');
const path = require('node:path');
const { Script } = require('node:vm');

const filename = path.join(__dirname, 'program.cjs');
const cache = path.join(__dirname, `program.${process.version}.cache`);
const cachedData = existsSync(cache) ? readFileSync(cache) : undefined;
const script = new Script(wrap(readFileSync(filename, 'utf8')), {
  filename,
  cachedData,
});
if (!cachedData) {
  process.once('exit', () => {
    const draft = `${cache}-${process.pid}`;
    writeFileSync(draft, script.createCachedData());
    renameSync(draft, cache);
  });
}
script.runInThisContext()(exports, require, module, filename, __dirname);
