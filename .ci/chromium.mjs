// Where a Chromium is that the tests in the browser can use. Debian's comes first; `CHROMIUM_PATH` names another.
import { existsSync } from 'node:fs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** @returns {string | undefined} */
export function findChromium() {
  return [process.env.CHROMIUM_PATH, ...PLACES].find((place) => place !== undefined && existsSync(place));
}
