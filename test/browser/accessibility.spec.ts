/**
 * axe on every page, in both colours, on a wide screen and at 320 px; nothing may stand out of the screen there. With
 * `DURABLE_SCREENS` set, the pictures of the documents are taken as well.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { depth } from '../support/depth.js';
import { eventually } from '../support/eventually.js';
import { TestBrowser } from './browser.fixture.js';
import { ConsoleShop } from './console-shop.fixture.js';

const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
/** A folder, e.g. `docs/images`, and what of all there is stands in the documents. */
const SCREENS = process.env.DURABLE_SCREENS;
const SHOWN = [
  ...['overview-1280-light', 'runs-1280-light', 'run-1280-light', 'compare-1280-light'],
  ...['retry-1280-dark', 'overview-320-light', 'runs-320-dark'],
];

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

let shop: ConsoleShop;
let browser: TestBrowser;
let failed: string;

beforeAll(async () => {
  [shop, browser] = await Promise.all([ConsoleShop.open(), TestBrowser.launch()]);
  const held = shop.network.hold('payments.charge');
  await shop.placeOrder('order-2041');
  await held.reached;
  failed = await shop.placeOrder('order-2042', { paymentToken: 'tok_declined' });
  for (let number = 2043; number < 2053; number++) await shop.placeOrder(`order-${number}`);
  for (let number = 2053; number < 2058; number++) await shop.placeLargeOrder(`order-${number}`);
  await shop.sendLetter('letter-17', 'the franking machine is out of ink');
  await shop.runner.pause({ workflow: 'letter', version: 1 }, { by: 'ann@example.org', reason: 'out of stamps' });
  await eventually('five orders that wait', async () => {
    const [waiting, ended] = await Promise.all([
      shop.runner.list({ status: 'suspended', workflow: 'order' }),
      shop.runner.list({ status: ['completed', 'failed'], workflow: 'order' }),
    ]);
    return waiting.length === 5 && ended.length === 11;
  });
});

afterAll(async () => {
  await browser?.close();
  await shop?.close();
});

const PAGES: readonly (readonly [name: string, address: () => string, act?: (page: Page) => Promise<void>])[] = [
  ['overview', () => '/', (page) => page.getByRole('button', { name: '15m' }).click()],
  ['runs', () => '/runs', (page) => page.getByLabel('Select all rows of this page').check()],
  ['run', () => `/runs/${failed}`, (page) => page.getByRole('button', { name: /^charge/ }).click()],
  ['workflows', () => '/workflows'],
  ['workflow', () => '/workflows/order'],
  ['compare', () => '/compare/letter?from=1&to=2'],
  ['workers', () => '/workers'],
  ['definitions', () => '/definitions'],
  ['retry', () => `/runs/${failed}`, openRetry],
  ['help', () => '/', (page) => page.getByRole('button', { name: 'Keys and help' }).click()],
];

async function openRetry(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Retry…' }).click();
  await page.getByRole('region', { name: 'What it will do' }).waitFor();
}

/** What depends on the colours; all other rules hold in both of them or in none. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

const BACKGROUND = 'getComputedStyle(document.documentElement).backgroundColor';

const NARROW = { width: 320, height: 640 };
const WINDOWS = depth([{ width: 1280, height: 860 }, NARROW], [NARROW]);

describe.each(WINDOWS)('at $width px', (window) => {
  it('every page is accessible in both colours, fits the screen, and complains of nothing', async () => {
    const page = await browser.open({ ...window, scheme: 'light' });
    const found: string[] = [];
    for (const [name, address, act] of PAGES) {
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(shop.page(address()));
      await page.locator('h1').waitFor();
      await page.locator('.skeleton').first().waitFor({ state: 'detached' });
      await act?.(page);
      const light = await page.evaluate<string>(BACKGROUND);
      found.push(...(await violationsOf(page, name, null)));
      const over = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
      if (over > 0) found.push(`${name}: stands out of the screen by ${over} px`);
      await take(page, `${name}-${window.width}-light`);

      // As the system turns dark at night, under a page that is open. Colours take a moment: changes of style are transitions.
      await page.emulateMedia({ colorScheme: 'dark' });
      await eventually(`${name} to turn dark`, async () => (await page.evaluate<string>(BACKGROUND)) !== light);
      found.push(...(await violationsOf(page, `${name} in the dark`, COLOUR_RULES)));
      await take(page, `${name}-${window.width}-dark`);
    }
    expect(found).toEqual([]);
    expect(browser.complaints).toEqual([]);
  });
});

/** @param rules only these. */
async function violationsOf(page: Page, name: string, rules: readonly string[] | null): Promise<string[]> {
  await page.evaluate(AXE);
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
  const { violations } = await page.evaluate<{ violations: Violation[] }>(
    `axe.run(document, ${JSON.stringify(options)})`,
  );
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${name}: ${impact} ${id}: ${html.slice(0, 160)} ${failureSummary}`),
  );
}

/** For the documents. */
async function take(page: Page, name: string): Promise<void> {
  if (!SCREENS || !SHOWN.includes(name)) return;
  mkdirSync(SCREENS, { recursive: true });
  await page.screenshot({ path: path.join(SCREENS, `${name}.png`) });
}
