/**
 * Goal: AF-7: what the page is told it shows, whatever it is: ports of both kinds, adapters and
 * paths, and names that would like to be more than text.
 * Method: real Chromium, and an inspector that is told of such things.
 */
import type { Browser, ElementHandle, Page } from 'puppeteer-core';
import { startInspector } from 'interplex/inspect';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { assign, createActor, createMachine } from 'xstate';
import { isChromiumLeftOut, launchChromium } from '../support/browser.ts';
import { openPage, seriousFaults } from '../support/page-faults.ts';

beforeEach(({ skip }) => skip(isChromiumLeftOut, 'there is no Chromium'));

let browser: Browser;
beforeAll(async () => {
  if (!isChromiumLeftOut) browser = await launchChromium();
});
afterAll(() => browser?.close());

const open = (url: string) => openPage(browser, url);

/** An inspector whose world is what the test says it is. */
const world = (figures: () => Record<string, unknown>) => ({
  title: 'cluster',
  figures,
  perform: () => Promise.reject(new Error('This world is only told of.')),
});

const markup = '<img src=x onerror="document.title=\'owned\'">"\'&<script>alert(1)</script>';

test('AF-7 Data ports shows what each path carries, and marks resets and failovers', async () => {
  let failovers = 0;
  let paths = ['0', '1'];
  const port = () => ({
    port: '8f3a11c0de44',
    node: 'edge',
    peer: 'hall',
    service: 'mirror',
    failovers,
    resets: failovers,
    unappliedBytes: 3_000_000,
    paths: paths.map((path) => ({
      path,
      status: 'up',
      bytesPerSecond: 2e8,
      underwayBytes: 1e6,
      rttMs: 0.25,
    })),
  });
  await using inspector = await startInspector(
    { port: 0 },
    world(() => ({ dataPorts: [port()] })),
  );
  const page = await open(`${inspector.url}#/data-ports`);
  await page.waitForFunction(() => document.querySelectorAll('.plot canvas').length === 2);
  const said = async (sentence: string) =>
    page.waitForFunction(
      (wanted) => document.querySelector('.data-ports')?.textContent?.includes(wanted),
      {},
      sentence,
    );
  await said('edge/8f3a11c0 1');
  await said('2.9 MiB');
  await said('190.7 MiB/s');
  paths = ['0'];
  failovers = 1;
  await said('edge/8f3a11c0 1 was reset');
  await said('edge/8f3a11c0 failed over');
  paths = ['0', '1'];
  await said('edge/8f3a11c0 1 is up again');
  expect(await seriousFaults(page)).toEqual([]);
});

/** Where four ports of the map are: one of each condition. */
async function placesOf(page: Page, width: number): Promise<{ x: number; y: number }[]> {
  const columns = await page.$eval('.port-tip', (told) => Number.parseInt(told.innerHTML, 10));
  const cell = width / columns;
  return [3, 70, 140, 300].map((index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    return { x: Math.floor((column + 0.5) * cell), y: Math.floor((row + 0.5) * cell) };
  });
}

const paintsAt = (canvas: ElementHandle, points: { x: number; y: number }[]) =>
  canvas.evaluate((element, at) => {
    const map = element as HTMLCanvasElement;
    const all = map.getContext('2d')?.getImageData(0, 0, map.width, map.height).data ?? [];
    return at.map(({ x, y }) => {
      const first = (y * map.width + x) * 4;
      return all.slice(first, first + 4).join();
    });
  }, points);

test('AF-7 Ports is a map: a cell for each port, in the colour of who owns it', async () => {
  const runs = [
    { owner: 'edge', count: 64, condition: 'used' },
    { owner: 'hall', count: 64, condition: 'block' },
    { owner: '', count: 64, condition: 'quarantined' },
    { owner: '', count: 832, condition: 'free' },
  ];
  const resting = [{ pool: '192.0.2.7 tcp', ports: [40_010, 40_011], foreign: [40_020] }];
  const pool = { pool: '192.0.2.7 tcp', first: 40_000, count: 1_024, runs };
  await using inspector = await startInspector(
    { port: 0 },
    world(() => ({ ports: [pool], resting })),
  );
  const page = await open(`${inspector.url}#/ports`);
  const canvas = (await page.waitForSelector('.port-map canvas')) as ElementHandle;
  const box = await canvas.boundingBox();
  if (!box) throw new Error('The map is not there.');
  const points = await placesOf(page, box.width);
  const told: string[] = [];
  for (const { x, y } of points) {
    await page.mouse.move(box.x + x, box.y + y);
    await page.waitForFunction(
      (before) => {
        const tip = document.querySelector('.port-tip')?.textContent ?? '';
        return tip.startsWith('port ') && tip !== before;
      },
      {},
      told.at(-1),
    );
    told.push(await page.$eval('.port-tip', ({ textContent }) => textContent ?? ''));
  }
  expect(told).toEqual([
    'port 40003: used, edge',
    'port 40070: leased, not in use, hall',
    'port 40140: quarantined',
    'port 40300: free',
  ]);
  const paints = await paintsAt(canvas, points);
  expect(new Set(paints).size).toBe(4);
  expect(paints.at(-1)).toBe('0,0,0,0');
  const legend = await page.$eval('.pool .legend', ({ textContent }) => textContent ?? '');
  expect(legend).toContain('edge 61 in use of 64');
  expect(legend).toContain('quarantined 66');
  expect(legend).toContain('foreign 1');
  expect(await seriousFaults(page)).toEqual([]);
});

test('AF-7 adapters and paths are listed; what cannot be cut is said', async () => {
  const figures = () => ({
    nodes: [{ node: 'edge', condition: 'living', run: [] }],
    adapters: [{ node: 'edge', adapter: 'eth0', address: '192.0.2.1', status: 'failed' }],
    paths: [{ path: 'p1', from: 'edge 192.0.2.1', to: 'hall 192.0.2.2', status: 'suspect' }],
  });
  await using inspector = await startInspector({ port: 0, control: true }, world(figures));
  const page = await open(inspector.url);
  await page.waitForSelector('.side .badge.bad');
  await page.waitForSelector('.side .badge.warn');
  await page.click('button[aria-label="cut p1"]');
  await page.waitForSelector('.complaint');
  expect(await page.$eval('.complaint span', ({ textContent }) => textContent)).toBe(
    'Its node is not known here: it may have ended.',
  );
  expect(await seriousFaults(page)).toEqual([]);
  await page.click('.complaint button');
  await page.waitForFunction(() => !document.querySelector('.complaint'));
});

test('AF-7 hostile names, states and contexts are text, and harm nothing', async () => {
  const nodes = [{ node: markup, condition: 'living', run: [markup], clients: 1 }];
  const routes = [{ origin: markup, number: 1, owner: markup, vipa: markup, hops: 1, epoch: 1 }];
  const figures = () => ({ nodes, routes, routesTotal: 1 });
  await using inspector = await startInspector({ port: 0 }, world(figures));
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
  const page = await open(`${inspector.url}#/chart`);
  await page.waitForSelector('.chart');
  actor.send({ type: markup });
  await page.waitForSelector('.chart .active[data-state="next"]');
  expect(await page.$eval('.tree-row a', (link) => link.textContent)).toBe(markup);
  expect(await page.$eval('.chart', (chart) => chart.textContent)).toContain(markup.slice(0, 20));
  expect(await page.$eval('.snapshot', ({ textContent }) => textContent?.length)).toBeLessThan(
    50_000,
  );
  for (const [view, selector] of [
    ['cluster', '.card'],
    ['sequence', '.sequence'],
    ['connections', 'tbody tr'],
  ] as const) {
    await page.evaluate((name) => (location.hash = `#/${name}`), view);
    await page.waitForSelector(selector);
    expect(await page.$$eval('img, main script', (found) => found.length)).toBe(0);
    expect(await seriousFaults(page)).toEqual([]);
  }
  expect(await page.title()).toBe('Interplex inspector');
  stop();
});
