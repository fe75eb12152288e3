/**
 * What operators do, in a browser, on the sample application: find a stuck order, read why, put it right, cancel many, send
 * a signal, give a run every other order, watch one, choose columns, compare two plans. What the server answers is covered
 * by test/integration/dashboard, hostile payloads by hostile-payloads.spec.ts, accessibility by accessibility.spec.ts.
 */
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import { TestBrowser } from './browser.fixture.js';
import { ConsoleShop } from './console-shop.fixture.js';

let shop: ConsoleShop;
let browser: TestBrowser;

beforeAll(async () => {
  [shop, browser] = await Promise.all([ConsoleShop.open(), TestBrowser.launch()]);
});

afterEach(() => {
  expect(browser.complaints).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  await shop?.close();
});

const statusOf = async (runId: string) => (await shop.runner.find(runId)).status;
const becomes = (runId: string, status: string) =>
  eventually(`run ${runId} being ${status}`, async () => (await statusOf(runId)) === status);
/** The badge beside the heading of a run's page. */
const heading = (page: Page) => page.locator('h1').textContent();
const shows = (page: Page, text: string) =>
  eventually(`the heading to say ${text}`, async () => (await heading(page))?.includes(text));

describe('an order that is stuck', () => {
  it('is found by its error, says why, and goes on from a step once what was wrong is put right', async () => {
    const runId = await shop.placeOrder('no-stock', { lines: [{ sku: 'pot-antique', quantity: 2 }] });
    await becomes(runId, 'failed');
    const page = await browser.open();
    await page.goto(shop.page('/'));

    await page.getByRole('link', { name: /^failed/ }).click();
    await page.getByLabel('Error contains').fill('fewer left');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/error=fewer(\+|%20)left/);
    await page.getByRole('link', { name: 'no-stock' }).click();

    const why = page.getByRole('region', { name: 'Why it is where it is' });
    expect(await why.textContent()).toContain('pot-antique: 2 wanted, fewer left');
    const box = page.getByRole('button', { name: /^accept.*undone/s });
    await box.click();

    await shop.query(`update shop.stock set available = 9 where sku = 'pot-antique'`);
    await shop.query(`update shop."order" set status = 'placed' where id = 'no-stock'`);
    await page.getByRole('button', { name: 'Retry from here…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Retry' });
    await dialog.getByLabel(/Reason/).fill('two pots were found');
    const preview = dialog.getByRole('region', { name: 'What it will do' });
    await preview.getByRole('heading', { name: 'Executed again' }).waitFor();
    await dialog.getByRole('button', { name: 'Retry', exact: true }).click();

    // What it had waited for has to be said again.
    await shows(page, 'suspended');
    await shop.runner.signal(runId, 'approval', { approved: true, by: 'ann@example.org' });
    await shows(page, 'completed');
    const orders = page.getByRole('region', { name: 'Orders' });
    expect(await orders.textContent()).toMatch(/retry by ann@example\.org: two pots were found/);
  });

  it('is found again by the address of the filtered list', async () => {
    const page = await browser.open();
    await page.goto(shop.page('/runs?status=completed&workflow=order&within=1h'));

    await page.getByRole('link', { name: 'no-stock' }).waitFor();
    expect(await page.getByLabel('Workflow').inputValue()).toBe('order');
    expect(await page.getByRole('button', { name: /^completed/ }).getAttribute('aria-pressed')).toBe('true');
    await page.getByRole('button', { name: /^completed/ }).click();
    await page.waitForURL(/runs\?(?!.*status)/);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.waitForURL(/\/runs$/);
  });
});

describe('a run that is watched', () => {
  it('shows where it is, and moves by itself', async () => {
    const call = shop.network.hold('payments.charge');
    const runId = await shop.placeOrder('watched');
    await call.reached;
    const page = await browser.open();
    await page.goto(shop.page(`/runs/${runId}`));
    await page.getByRole('button', { name: /^charge.*running/s }).waitFor();
    await page.getByRole('button', { name: /^reserve.*not reached/s }).waitFor();

    call.release();

    await shows(page, 'completed');
    await page.getByRole('button', { name: /^reserve.*done/s }).waitFor();
    await page
      .getByRole('link', { name: /shipment|[0-9a-f]{4}…/ })
      .first()
      .waitFor();
  });

  it('moves in the list, too, where a newer one is announced', async () => {
    const call = shop.network.hold('payments.charge');
    const runId = await shop.placeOrder('in-the-list');
    await call.reached;
    const page = await browser.open();
    await page.goto(shop.page('/runs?workflow=order'));
    const row = page.locator(`[data-run="${runId}"]`);
    await row.getByText('running').waitFor();

    call.release();
    await row.getByText('completed').waitFor();
    const newer = shop.network.hold('payments.charge');
    await shop.placeOrder('newer');
    await page.getByRole('button', { name: /^running 1$/ }).waitFor();
    newer.release();
    await page.getByRole('button', { name: /^running 0$/ }).waitFor();

    await page.getByRole('button', { name: /1 newer/ }).click();
    await page.getByRole('link', { name: 'newer', exact: true }).waitFor();
  });
});

describe('a run that waits for a signal', () => {
  it('is sent one, with a payload that has to be JSON', async () => {
    const runId = await shop.placeLargeOrder('to-approve');
    await becomes(runId, 'suspended');
    const page = await browser.open();
    await page.goto(shop.page(`/runs/${runId}`));
    const why = page.getByRole('region', { name: 'Why it is where it is' });
    expect(await why.textContent()).toContain('waits for signal "approval"');

    await page.getByRole('button', { name: 'Send a signal…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Send a signal' });
    const send = dialog.getByRole('button', { name: 'Send a signal' });
    expect(await dialog.getByLabel('Signal', { exact: true }).inputValue()).toBe('approval');
    await dialog.getByLabel('Payload').fill('{ approved: yes }');
    await dialog.getByText('This is no JSON').waitFor();
    expect(await send.isDisabled()).toBe(true);
    await dialog.getByLabel('Payload').fill('{ "approved": true, "by": "ann@example.org" }');
    await send.click();

    await shows(page, 'completed');
    const { results } = await shop.runner.find(runId);
    expect(results.approval).toEqual({ approved: true, by: 'ann@example.org' });
  });
});

describe('an errand', () => {
  it('is paused and let go on, resumed, skipped, canceled and terminated', async () => {
    const [whole, unwanted, stuck] = await shop.runner.startMany('errand', [{}, {}, {}]);
    await Promise.all([whole, unwanted, stuck].map(({ id }) => becomes(id, 'suspended')));
    const page = await browser.open();
    const give = async (order: string, field?: string, value = ''): Promise<void> => {
      const actions = page.getByRole('group', { name: 'Actions' });
      await actions.getByRole('button', { name: `${order}…`, exact: true }).click();
      const dialog = page.getByRole('dialog', { name: order });
      if (field !== undefined) await dialog.getByLabel(field).fill(value);
      await dialog.getByRole('button', { name: order, exact: true }).click();
      await dialog.waitFor({ state: 'detached' });
    };

    await page.goto(shop.page(`/runs/${whole.id}`));
    await give('Pause', 'Reason', 'lunch');
    await shows(page, 'paused');
    await give('Unpause');
    await eventually('the heading to say paused no more', async () => !(await heading(page))?.includes('paused'));
    await give('Resume', 'Data', '{ "tea": true }');
    await page.getByText('waits for signal "word"').waitFor();
    await give('Skip a node', 'Result', '"said by hand"');
    await shows(page, 'completed');
    expect((await whole.snapshot()).result).toEqual({ ask: { tea: true }, word: 'said by hand' });

    await page.goto(shop.page(`/runs/${unwanted.id}`));
    await give('Cancel', 'Reason', 'no longer wanted');
    await shows(page, 'canceled');
    expect(await unwanted.snapshot()).toMatchObject({ status: 'canceled', cancelReason: 'no longer wanted' });

    await page.goto(shop.page(`/runs/${stuck.id}`));
    await give('Terminate', 'Reason', 'stuck');
    await shows(page, 'canceled');
    const orders = await Promise.all([whole, unwanted, stuck].map(({ id }) => shop.runner.operations(id)));
    expect(orders.map((each) => each.map(({ action }) => action))).toEqual([
      ['pause', 'unpause', 'resume', 'skip'],
      ['cancel'],
      ['terminate'],
    ]);

    // The same window, in the list: a column more, which the browser remembers.
    await page.goto(shop.page('/runs?workflow=errand'));
    const queue = page.getByRole('columnheader', { name: 'Queue' });
    await page.getByRole('columnheader', { name: 'Created' }).waitFor();
    expect(await queue.count()).toBe(0);
    await page.getByText('Columns', { exact: true }).first().click();
    await page.getByRole('checkbox', { name: 'Queue', exact: true }).check();
    await page.getByRole('checkbox', { name: 'Created', exact: true }).uncheck();
    await queue.waitFor();
    await page.reload();
    await queue.waitFor();
    expect(await page.getByRole('columnheader', { name: 'Created' }).count()).toBe(0);
  });
});

describe('twenty runs', () => {
  it('are canceled at once: counted, confirmed by their number, and each with a result', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `twenty-${index}`);
    const runIds = await Promise.all(ids.map((id) => shop.placeLargeOrder(id)));
    await Promise.all(runIds.map((runId) => becomes(runId, 'suspended')));
    const page = await browser.open();
    await page.goto(shop.page('/runs?status=suspended&workflow=order'));
    await page.getByLabel('Select run twenty-3', { exact: true }).waitFor();

    await page.getByLabel('Select all rows of this page').check();
    await page.getByRole('button', { name: 'Cancel…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel runs' });
    await dialog.getByLabel(/Reason/).fill('the kettles leak');
    await dialog.getByRole('button', { name: 'Say what it will do' }).click();
    const confirm = dialog.getByRole('button', { name: 'cancel 20 runs' });
    await confirm.waitFor();
    expect(await confirm.isDisabled()).toBe(true);
    await dialog.getByLabel(/Type 20/).fill('20');
    await confirm.click();

    await dialog.getByText('20 accepted').waitFor();
    expect(await dialog.locator('li[data-accepted="true"]').count()).toBe(20);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await Promise.all(runIds.map((runId) => becomes(runId, 'canceled')));
    await page.getByText('No run matches').waitFor();
  });

  it('and more than a page shows are taken, too, when all that match are selected', async () => {
    const inputs = Array.from({ length: 60 }, () => ({}));
    const runs = await shop.runner.startMany('errand', inputs, { delay: '1d' });
    const page = await browser.open();
    await page.goto(shop.page('/runs?status=pending&workflow=errand'));

    await page.getByLabel('Select all rows of this page').check();
    const bar = page.getByRole('region', { name: 'Selected runs' });
    await bar.getByText('50 selected').waitFor();
    await bar.getByRole('button', { name: 'Select all 60 that match' }).click();
    await bar.getByText('All 60 that match').waitFor();
    await bar.getByRole('button', { name: 'Cancel…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel runs' });
    await dialog.getByRole('button', { name: 'Say what it will do' }).click();
    await dialog.getByLabel(/Type 60/).fill('60');
    await dialog.getByRole('button', { name: 'cancel 60 runs' }).click();

    await dialog.getByText('60 accepted').waitFor();
    expect(await dialog.locator('li[data-accepted="true"]').count()).toBe(60);
    await Promise.all(runs.map(({ id }) => becomes(id, 'canceled')));
  });

  it('that cannot take the order are counted before it can be given', async () => {
    const page = await browser.open();
    await page.goto(shop.page('/runs?status=canceled&workflow=order'));
    await page.getByLabel('Select run twenty-3', { exact: true }).check();

    expect(await page.getByRole('region', { name: 'Selected runs' }).textContent()).toContain('1 selected');
    await page.getByRole('button', { name: 'Retry…' }).click();
    await page.getByRole('button', { name: 'Say what it will do' }).click();
    await page.getByText(/0 runs of 1 can take the order/).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });
});

describe('two versions of a plan', () => {
  it('are compared side by side', async () => {
    const page = await browser.open();
    await page.goto(shop.page('/workflows'));
    const letter = page.getByRole('region', { name: 'letter', exact: true });
    await letter.getByRole('link', { name: 'Compare the newest two' }).click();

    const [former, present] = await Promise.all(
      [1, 2].map(async (version) => {
        const card = page.getByRole('region', { name: `Version ${version}`, exact: true });
        await card.getByText('write').waitFor();
        return card.locator('.graph-box');
      }),
    );
    expect([await former.count(), await present.count()]).toEqual([3, 6]);
    expect(await present.filter({ hasText: 'proofread' }).first().getAttribute('title')).toContain('added');
    expect(await former.filter({ hasText: 'write' }).getAttribute('title')).toContain('same');
    const table = page.getByRole('region', { name: 'Differences as a table' });
    expect(await table.textContent()).toContain('proofread');
  });

  it('each stand as a graph, with the runs in flight', async () => {
    const runId = await shop.placeLargeOrder('in-flight');
    await becomes(runId, 'suspended');
    const page = await browser.open();
    await page.goto(shop.page('/workflows/order'));

    await page.getByRole('button', { name: /^approval.*1 run is here/s }).click();
    await page.getByRole('region', { name: 'Node approval' }).getByText('3d').waitFor();
  });
});

describe('the keyboard', () => {
  it('is enough: skip link, shortcuts, help, and focus where a page begins', async () => {
    const page = await browser.open();
    await page.goto(shop.page('/'));
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    const focused = () => page.evaluate<string>('document.activeElement.id || document.activeElement.textContent');

    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('main');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('r');
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
    expect(await focused()).toBe('main');
    await page.getByLabel('Select all rows of this page').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    expect(await page.getByRole('region', { name: 'Selected runs' }).textContent()).toContain('1 selected');
    await page.keyboard.press('/');
    await page.keyboard.type('no-stock');
    await page.keyboard.press('Enter');
    await page.waitForURL(/key=no-stock/);
  });

  it('chooses colours, which the browser remembers', async () => {
    const page = await browser.open({ scheme: 'light' });
    await page.goto(shop.page('/'));
    await page.getByRole('button', { name: /as the system/ }).click();
    await page.keyboard.press('t');
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
    await page.reload();
    await page.getByRole('button', { name: /Colours: dark/ }).waitFor();
    expect(await page.evaluate('getComputedStyle(document.body).colorScheme')).toBe('dark');
  });
});
