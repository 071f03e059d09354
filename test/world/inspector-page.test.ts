/**
 * Goal: AF-7 as a person sees it: in a browser, with the demo at work, each view shows what is, and
 * whoever uses a keyboard, a phone or a reader of screens can use it.
 * Method: real Chromium; fifty clients that move; a node killed; and axe.
 */
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { isChromiumLeftOut, launchChromium, newPage } from '../support/browser.ts';
import { seriousFaults } from '../support/page-faults.ts';
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
/** Where an actor's row leads to. */
const linkOf = async (name: string): Promise<string> => {
  const link = await page.$$eval(
    '.tree-row a',
    (links, begin) => links.find((one) => one.textContent?.startsWith(begin))?.getAttribute('href'),
    name,
  );
  return link ?? '';
};
let moves = 0;
const moveAll = () => {
  moves += 1;
  for (const [index, client] of clients.entries()) {
    client.send(`/move ${rooms[(index + moves) % rooms.length]}\n`);
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

test('AF-7 Statechart lights what is active, and steps back, by keys too', async () => {
  await go('#/chart', '.tree-row');
  await go(await linkOf('chat'), '.chart .active[data-state="owner.listening.serving"]');
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
  await go(await linkOf('transfer '), '.chart .active[data-state="transferred"]');
  await page.waitForSelector('.chart .arrow.taken');
  await page.click('.steps-bar button');
  await page.waitForSelector('.chart .active[data-state="underway.committed.unconfirmed"]');
  await page.keyboard.press(',');
  await page.waitForSelector('.chart .active[data-state="underway.offered.freezing"]');
  await page.keyboard.press('.');
  await page.keyboard.press('.');
  await page.waitForSelector('.chart .active[data-state="transferred"]');
});

test('AF-7 the tree of actors is walked by keys', async () => {
  await page.focus('.virtual[role=tree]');
  const activeName = () =>
    page.$eval('.virtual[role=tree]', (tree) => {
      const row = document.getElementById(tree.getAttribute('aria-activedescendant') ?? '');
      return row?.querySelector('strong, a')?.textContent;
    });
  await page.keyboard.press('ArrowDown');
  expect(await activeName()).toBe('Node edge');
  await page.keyboard.press('ArrowLeft');
  await page.waitForSelector('[role=treeitem][aria-expanded=false]');
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => !document.querySelector('[aria-expanded=false]'));
  await page.keyboard.press('ArrowDown');
  expect(await activeName()).toBe('edge');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('.actor h2')?.textContent === 'edge');
});

test('AF-7 Sequence shows a transfer at a glance, and one alone when it is chosen', async () => {
  await go('#/sequence', '.message');
  moveAll();
  await page.waitForSelector('.transfers .badge.good');
  const topic = await page.$$eval('.transfers li button', (buttons) =>
    buttons.find(({ title }) => title.endsWith(': confirmed'))?.title.replace(': confirmed', ''),
  );
  await go(`#/sequence/${encodeURIComponent(topic ?? '')}`, '.message');
  await page.waitForFunction(() => document.querySelectorAll('.message').length === 4);
  const steps = await page.$$eval('.message .what', (labels) =>
    labels.map((label) => label.textContent?.split(' ')[0]),
  );
  expect(steps).toEqual(['offer', 'accept', 'commit', 'confirm']);
});

test('AF-7 Sequence shows the messages of those who are ticked', async () => {
  await go('#/sequence', '.message');
  await page.click('.lane-choice summary');
  await page.waitForSelector('.lanes-list li');
  await page.$$eval('.lanes-list label', (labels) => {
    for (const label of labels) {
      if (/^hall-[13]$/.test(label.textContent ?? '')) label.querySelector('input')?.click();
    }
  });
  await page.waitForFunction(
    () => document.querySelector('.lane-choice summary')?.textContent === '2 nodes',
  );
  moveAll();
  await page.waitForFunction(() => document.querySelectorAll('.lane-names span').length === 2);
  const names = await page.$$eval('.lane-names span', (lanes) =>
    lanes.map(({ textContent }) => textContent),
  );
  expect(names).toEqual(['hall-1', 'hall-3']);
  await page.click('.lane-choice summary');
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
  // On a busy machine an event loop may stand still, which is told there, too.
  const happened = await page.$$eval('.happenings .good, .happenings .bad', (rows) =>
    rows.map((row) => row.lastElementChild?.textContent ?? ''),
  );
  expect(happened.filter((sentence) => sentence.startsWith('hall-2'))).toEqual([
    'hall-2 lives',
    'hall-2 has ended, killed',
  ]);
});

test.each([
  ['light', 1_280],
  ['dark', 1_280],
  ['light', 390],
  ['dark', 390],
])('AF-7 no view has a serious fault of accessibility: %s, %i wide', async (theme, width) => {
  await page.setViewport({ width, height: 800 });
  await page.evaluate((name) => (document.documentElement.dataset['theme'] = name), theme);
  await go('#/cluster', '.tree-row');
  const actor = await linkOf('chat');
  for (const [hash, selector] of [
    ['#/cluster', '.card'],
    [actor, '.chart'],
    ['#/chart', '.tree-row'],
    ['#/sequence', '.message'],
    ['#/connections', 'tbody tr'],
    ['#/data-ports', '.data-ports .empty'],
    ['#/ports', '.ports .empty'],
  ] as const) {
    await go(hash, selector);
    expect({ hash, found: await seriousFaults(page) }).toEqual({ hash, found: [] });
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
