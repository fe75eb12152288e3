/** Where a Chromium is that the tests in the browser can use, if anywhere. */
export function findChromium(): string | undefined;
