// Where a Chromium is that the tests in the browser can use. `CHROMIUM_PATH` names another than these. The one without windows comes
// first: it does what the tests need with half of the CPU (the tests of operators' work: 50 s in place of 107).
import { existsSync } from 'node:fs';

const PLACES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'].map(
  (name) => `/usr/bin/${name}`,
);

/** @returns {string | undefined} */
export function findChromium() {
  return [process.env.CHROMIUM_PATH, ...PLACES].find((place) => place !== undefined && existsSync(place));
}
