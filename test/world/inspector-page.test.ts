/**
 * Goal: AF-7 as a person sees it: in a browser, with the demo at work, each view shows what is, and
 * whoever uses a keyboard, a phone or a reader of screens can use it.
 * Method: real Chromium; fifty clients that move; a node killed; axe; and names full of markup.
 */
import axe from 'axe-core';
import type { Browser, Page } from 'puppeteer-core';
import { startInspector } from 'interplex/inspect';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { assign, createActor, createMachine } from 'xstate';
import { isChromiumLeftOut, launchChromium, newPage } from '../support/browser.ts';
import { startDemo, type Demo } from '../support/demo.ts';
import { TestClient } from '../support/test-client.ts';

const rooms = ['kitchen', 'attic', 'cellar', 'garden', 'hall'];

// A clone without a browser tests all but the page.
beforeEach(({ skip }) => skip(isChromiumLeftOut, 'there is no Chromium'));

let browser: Browser;
let demo: Demo;
let clients: TestClient[] = [];
let page: Page;
let complaints: string[];

beforeAll(async () => {
  if (isChromiumLeftOut) return;
  [browser, demo] = await Promise.all([
    launchChromium(),
    startDemo('--http-port', '0', '--inspect-port', '0', '--control'),
  ]);
  clients = await Promise.all(
    Array.from({ length: 50 }, () => TestClient.connect(demo.endpoints['chat']?.port ?? 0)),
  );
  ({ page, complaints } = await newPage(browser));
  await page.goto(demo.inspectorUrl);
  await page.waitForSelector('.card.living');
  for (const [index, client] of clients.entries()) {
    client.send(`user-${index}\n${rooms[index % rooms.length]}\n`);
  }
}, 60_000);

afterAll(async () => {
  for (const { socket } of clients) socket.destroy();
  await browser?.close();
  await demo?.stop();
});

const go = async (hash: string, selector: string) => {
  await page.evaluate((to) => (location.hash = to), hash);
  await page.waitForSelector(selector);
};
const text = (selector: string) => page.$eval(selector, (element) => element.textContent ?? '');
const moveAll = () => {
  for (const [index, client] of clients.entries()) {
    client.send(`/move ${rooms[(index + 1) % rooms.length]}\n`);
  }
};

test('AF-7 Cluster shows each node, and its actors with their states', async () => {
  await page.waitForFunction(() => document.querySelectorAll('.card.living').length === 4);
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.tree-row')].some((row) =>
      row.textContent?.includes('owner.listening.serving'),
    ),
  );
  await page.waitForSelector('.plot canvas');
  expect(await text('.cards')).toContain('hall-3');
});

test('AF-7 Statechart lights what is active, and steps back', async () => {
  await go('#/chart', '.tree-row');
  const link = await page.$$eval('.tree-row a', (links) =>
    links.find((one) => one.textContent === 'chat')?.getAttribute('href'),
  );
  await go(link ?? '', '.chart .active[data-state="owner.listening.serving"]');
  expect(await text('.chart')).toContain('lease.granted');
  expect(await text('.chart')).toContain('[isCurrent]');
  expect(await text('.chart')).toContain('after retryPause');
  await go('#/cluster', '.cards');
  moveAll();
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.tree-row a')].some((one) =>
      one.textContent?.startsWith('transfer '),
    ),
  );
  const transfer = await page.$$eval('.tree-row a', (links) =>
    links.find((one) => one.textContent?.startsWith('transfer '))?.getAttribute('href'),
  );
  await go(transfer ?? '', '.chart .active[data-state="transferred"]');
  await page.waitForSelector('.chart .arrow.taken');
  const [back] = await page.$$('.steps-bar button');
  await back?.click();
  await page.waitForSelector('.chart .active[data-state="underway.committed.unconfirmed"]');
});

test('AF-7 Sequence shows a transfer at a glance, and one alone when it is chosen', async () => {
  await go('#/sequence', '.message');
  moveAll();
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.message text:last-child')].some((label) =>
      label.textContent?.startsWith('transfer.confirm'),
    ),
  );
  const transfer = await page.$$eval('.message', (messages) => {
    const labels = messages.map((message) => message.querySelector('text:last-child')?.textContent);
    return labels.find((label) => label?.startsWith('transfer.confirm'))?.split(' ')[1];
  });
  await go(`#/sequence/${encodeURIComponent(`transfer ${transfer}`)}`, '.message');
  const steps = await page.$$eval('.message text:last-child', (labels) =>
    labels.map((label) => label.textContent?.split(' ')[0]),
  );
  expect(steps).toEqual([
    'transfer.offer',
    'transfer.accept',
    'transfer.commit',
    'transfer.confirm',
  ]);
});

test('AF-7 Connections shows the routing table, and the search what it names', async () => {
  await go('#/connections', 'tbody tr');
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 50);
  await page.keyboard.press('/');
  await page.keyboard.type('edge/7');
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
  expect(await text('tbody')).toContain('edge/7');
  await page.$eval('input[type=search]', (field) => {
    field.value = '';
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
});

test('AF-7 a killed node is seen to end and, started again, to live', async () => {
  await page.keyboard.press('1');
  await page.waitForSelector('button[aria-label="kill hall-2"]');
  await page.click('button[aria-label="kill hall-2"]');
  await page.waitForSelector('.card.ended');
  expect(await text('.card.ended')).toContain('hall-2');
  await page.click('button[aria-label="restart hall-2"]');
  await page.waitForFunction(() => document.querySelectorAll('.card.living').length === 4);
});

test.each([
  ['light', 1_280],
  ['dark', 390],
])('AF-7 no view has a serious fault of accessibility: %s, %i wide', async (theme, width) => {
  await page.setViewport({ width, height: 800 });
  await page.evaluate((name) => (document.documentElement.dataset['theme'] = name), theme);
  await page.evaluate(axe.source);
  for (const view of ['cluster', 'chart', 'sequence', 'connections', 'data-ports', 'ports']) {
    await go(`#/${view}`, `nav a[aria-current][href="#/${view}"]`);
    const found = await page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    });
    expect({ view, found }).toEqual({ view, found: [] });
    const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect({ view, isWide }).toEqual({ view, isWide: false });
  }
});

test('AF-7 the page has complained of nothing, and asked nobody else', async () => {
  expect(complaints).toEqual([]);
  const origins = await page.evaluate(() =>
    performance.getEntriesByType('resource').map(({ name }) => new URL(name).origin),
  );
  expect(new Set(origins)).toEqual(new Set([new URL(demo.inspectorUrl).origin]));
});

test('the demo has a page of its own: one chats in it, and moves', async () => {
  const { page: chat, complaints: faults } = await newPage(browser);
  await chat.goto(`http://127.0.0.1:${demo.endpoints['http']?.port}/`);
  await chat.click('#enter button');
  const says = (sentence: string) =>
    chat.waitForFunction(
      (wanted) => document.getElementById('lines')?.textContent?.includes(wanted),
      {},
      sentence,
    );
  await says('joined kitchen on');
  await chat.type('#say input', 'hello');
  await chat.click('#say button');
  await says('guest: hello');
  await chat.click('[data-line="/move attic"]');
  await says('joined attic on');
  expect(faults).toEqual([]);
  await chat.close();
});

test('AF-7 hostile names, states and contexts are text, and harm nothing', async () => {
  await using inspector = await startInspector({ port: 0 });
  const markup = '<img src=x onerror="document.title=\'owned\'">"\'&<script>alert(1)</script>';
  const cyclic: Record<string, unknown> = { text: markup, large: 'z'.repeat(2 ** 20) };
  cyclic['self'] = cyclic;
  const machine = createMachine({
    id: markup,
    initial: markup,
    context: cyclic,
    states: {
      [markup]: {
        on: { [markup]: { target: 'next', actions: assign({ error: new Error(markup) }) } },
      },
      next: { tags: markup },
    },
  });
  const actor = createActor(machine, { id: markup }).start();
  const stop = inspector.watch(actor);
  const { page: hostile, complaints: faults } = await newPage(browser);
  await hostile.goto(`${inspector.url}#/chart`);
  await hostile.waitForSelector('.chart');
  actor.send({ type: markup });
  await hostile.waitForSelector('.chart .active[data-state="next"]');
  expect(await hostile.$eval('.tree-row a', (link) => link.textContent)).toBe(markup);
  expect(await hostile.$eval('.chart', (chart) => chart.textContent)).toContain(
    markup.slice(0, 20),
  );
  expect(await hostile.$$eval('img, main script', (found) => found.length)).toBe(0);
  expect(await hostile.title()).toBe('Interplex inspector');
  expect(faults).toEqual([]);
  await hostile.close();
  stop();
});
