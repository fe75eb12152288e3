/** What other people wrote stays text in the browser: inputs, results, errors, signals, tags and reasons. */
import { eventually } from '../support/eventually.js';
import { TestBrowser } from './browser.fixture.js';
import { ConsoleShop, ODD_NAME } from './console-shop.fixture.js';

/** Each would run, load, link or turn around if anybody let it. */
const HOSTILE = [
  '</script><script>window.harmed = 1</script>',
  '<img src=x onerror="window.harmed = 2">',
  '<svg onload="window.harmed = 3"><a xlink:href="javascript:window.harmed = 4">x</a></svg>',
  'javascript:window.harmed = 5',
  '"><iframe srcdoc="<script>parent.harmed = 6</script>">',
  '{{constructor.constructor("window.harmed = 7")()}}',
  'invoice\u202Efdp.exe\u2066\u200B',
].join(' ');
const MEGABYTE = 'x'.repeat(1_000_000);

let shop: ConsoleShop;
let browser: TestBrowser;
let runId: string;

beforeAll(async () => {
  [shop, browser] = await Promise.all([ConsoleShop.open(), TestBrowser.launch()]);
  const run = await shop.runner.start(
    'letter',
    { error: HOSTILE, note: HOSTILE, [HOSTILE]: 1, big: MEGABYTE },
    { version: 2, idempotencyKey: HOSTILE, tags: ['<b>tag</b>'] },
  );
  runId = run.id;
  await shop.runner.signal(runId, '<b>signal</b>', { note: HOSTILE });
  await eventually('the letter to fail', async () => (await run.snapshot()).status === 'failed');
});

afterAll(async () => {
  await browser?.close();
  await shop?.close();
});

/** Elements that only markup of the payloads could have made, links that lead elsewhere, and whether a script ran. */
const HARM = `({
  harmed: window.harmed ?? null,
  made: document.querySelectorAll('main script, main img, main iframe, main b, main [onload], main [onerror]').length,
  links: [...document.querySelectorAll('a[href]')].map((a) => a.href).filter((href) => !href.startsWith(location.origin)),
})`;

/** How far the page stands out of the screen, and where a character that nobody sees is left in its text or titles. */
const LOOSE = `(() => {
  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.push(walker.currentNode.data);
  for (const each of document.querySelectorAll('[title]')) texts.push(each.title);
  return {
    over: document.documentElement.scrollWidth - window.innerWidth,
    hidden: texts.filter((text) => /[\u202E\u2066\u200B]/.test(text)),
  };
})()`;

describe('hostile payloads', () => {
  it.each([
    ['the overview', () => '/'],
    ['the list of runs', () => '/runs'],
    ['the run', () => `/runs/${runId}`],
    ['the filter', () => `/runs?${new URLSearchParams({ error: HOSTILE, key: HOSTILE, tag: '<b>x</b>' }).toString()}`],
    ['the address', () => `/workflows/${encodeURIComponent('<img src=x onerror=alert(1)>')}`],
  ])('stay text on %s', async (_, path) => {
    browser.complaints.length = 0;
    const page = await browser.open();
    await page.goto(shop.page(path()));
    await page.locator('h1').waitFor();
    await page.locator('.skeleton').first().waitFor({ state: 'detached' });

    expect(await page.evaluate(HARM)).toEqual({ harmed: null, made: 0, links: [] });
    // Of what the server refuses, the browser itself reports the status; nothing else is complained of.
    expect(browser.complaints.filter((each) => !/status of 40[04]/.test(each))).toEqual([]);
  });

  it('are shown as they are, and what turns text around by its code point', async () => {
    const page = await browser.open();
    await page.goto(shop.page(`/runs/${runId}`));
    const error = page.getByRole('region', { name: 'Error' });
    await error.waitFor();

    const text = (await error.textContent()) ?? '';
    expect(text).toContain('</script><script>window.harmed = 1</script>');
    expect(text).toContain('invoiceU+202Efdp.exeU+2066U+200B');
    expect(/[\u202E\u2066\u200B]/.test(text)).toBe(false);
  });

  it('in names of workflows, nodes, signals and keys stay visible and inside of the screen', async () => {
    const odd = await shop.runner.start(ODD_NAME, null, { idempotencyKey: 'k'.repeat(200) });
    await eventually('the odd run to wait', async () => (await odd.snapshot()).status === 'suspended');
    const workflow = `/workflows/${encodeURIComponent(ODD_NAME)}/1`;
    const found: string[] = [];
    for (const width of [320, 1280]) {
      const page = await browser.open({ width });
      for (const path of ['/', '/runs', `/runs/${odd.id}`, '/workflows', workflow, '/workers', '/definitions']) {
        await page.goto(shop.page(path));
        await page.locator('h1').waitFor();
        await page.locator('.skeleton').first().waitFor({ state: 'detached' });
        const { over, hidden } = await page.evaluate<{ over: number; hidden: string[] }>(LOOSE);
        if (over > 0) found.push(`${path} at ${width} px: stands out of the screen by ${over} px`);
        found.push(...hidden.map((text) => `${path}: hides a character in ${text}`));
      }
    }
    expect(found).toEqual([]);
  });

  it('of a megabyte are shown in parts, as far as anybody asks', async () => {
    const page = await browser.open();
    await page.goto(shop.page(`/runs/${runId}`));
    const input = page.getByRole('region', { name: 'Input' });
    const shown = async () => ((await input.locator('pre').textContent()) ?? '').length;
    await input.getByRole('button', { name: 'Show more' }).waitFor();
    expect(await shown()).toBeLessThan(10_000);

    await input.getByRole('button', { name: 'Show more' }).click();

    await eventually('more of the input', async () => (await shown()) > 50_000);
    expect(await shown()).toBeLessThan(200_000);
  });
});
