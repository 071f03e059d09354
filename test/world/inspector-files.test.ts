/**
 * Goal: AF-7: what the page shows can be kept: charts as pictures, and what it was told as a
 * recording that it opens again. A file that is none, or is broken, harms nothing; nor does a line
 * that is cut.
 * Method: real Chromium, real files, a line that resets.
 */
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, ElementHandle, Page } from 'puppeteer-core';
import { startInspector } from 'interplex/inspect';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { isChromiumLeftOut, launchChromium } from '../support/browser.ts';
import { TcpProxy } from '../support/faults/tcp-proxy.ts';
import { InspectingClient } from '../support/inspecting.ts';
import { openPage, seriousFaults } from '../support/page-faults.ts';
import { until } from '../support/until.ts';

beforeEach(({ skip }) => skip(isChromiumLeftOut, 'there is no Chromium'));

let browser: Browser;
beforeAll(async () => {
  if (!isChromiumLeftOut) browser = await launchChromium();
});
afterAll(() => browser?.close());

const open = (url: string) => openPage(browser, url);

/** As a person chooses a file to be opened. */
async function choose(page: Page, path: string): Promise<void> {
  const field = await page.waitForSelector('input[type=file]');
  await (field as ElementHandle<HTMLInputElement>).uploadFile(path);
}

async function complaint(page: Page): Promise<string> {
  await page.waitForSelector('.complaint');
  return page.$eval('.complaint', ({ textContent }) => textContent ?? '');
}

const lamp = createMachine({
  id: 'lamp',
  initial: 'off',
  states: { off: { on: { toggle: 'on' } }, on: { on: { toggle: 'off' } } },
});

test('AF-7 charts are saved as SVG and PNG, a recording so that the page opens it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'interplex-page-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const saved = async (ending: string) => {
    const find = () => readdirSync(folder).find((name) => name.endsWith(ending)) ?? '';
    // The browser makes an empty file of that name first, which the whole one takes the place of.
    const isWhole = () => find() !== '' && statSync(join(folder, find())).size > 0;
    await until(`a file ${ending}`, isWhole);
    return join(folder, find());
  };
  await using inspector = await startInspector({ port: 0 });
  const actor = createActor(lamp, { id: 'lamp/in the hall' }).start();
  inspector.watch(actor);
  const page = await open(`${inspector.url}#/chart`);
  const session = await page.createCDPSession();
  await session.send('Browser.setDownloadBehavior', {
    behavior: 'allow',
    downloadPath: folder,
  });
  await page.waitForSelector('.chart .active[data-state="off"]');
  actor.send({ type: 'toggle' });
  await page.waitForSelector('.chart .active[data-state="on"]');
  await page.click('button[title="Save the chart as SVG"]');
  expect(readFileSync(await saved('lamp-in-the-hall.svg'), 'utf8')).toMatch(/^<svg .*toggle/s);
  await page.click('button[title="Save the chart as PNG"]');
  expect(
    readFileSync(await saved('.png'))
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG');
  await page.$eval('.actor-head a[href^="#/sequence"]', (link) => (link as HTMLElement).click());
  await page.waitForSelector('.message .what');
  await page.click('button[title="Save the sequence as SVG"]');
  expect(readFileSync(await saved('sequence.svg'), 'utf8')).toMatch(
    />toggle<.*lamp\/in the hall</s,
  );
  await page.evaluate(() => history.back());
  await page.waitForSelector('.chart');
  await page.click('button[aria-label="Save recording"]');
  const recording = await saved('.ndjson');
  await choose(page, recording);
  await page.waitForSelector('.player');
  await page.waitForSelector('.chart .active[data-state="on"]');
  await page.keyboard.press(',');
  await page.waitForSelector('.chart .active[data-state="off"]');
  expect(await seriousFaults(page)).toEqual([]);
  await page.click('button[title="Show again what runs"]');
  await page.waitForSelector('.status.live');
  await page.waitForSelector('.chart .active[data-state="on"]');
});

test('AF-7 a recording that outgrew the page still says who is who', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'interplex-page-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'long.ndjson');
  const actor = { type: '@xstate.actor', sessionId: 'b/1', name: 'old', node: 'b' };
  const many = Array.from({ length: 110_000 }, () => ({
    type: '@interplex.gap',
    sessionId: 'node:b',
  }));
  const records = [
    { recording: 'interplex-recording', version: 1 },
    { ...actor, snapshot: { status: 'active', value: 'first' } },
    { type: '@xstate.snapshot', sessionId: 'b/1', event: {}, snapshot: { value: 'later' } },
    ...many,
  ];
  writeFileSync(path, records.map((line) => JSON.stringify(line)).join('\n'));
  await using inspector = await startInspector({ port: 0 });
  const page = await open(inspector.url);
  const session = await page.createCDPSession();
  const downloadPath = join(folder, 'saved');
  await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath });
  const shown = (place: Page) =>
    place.waitForFunction(
      () => document.querySelector('.tree-row .state')?.textContent === 'later',
    );
  await choose(page, path);
  await shown(page);
  await page.click('button[aria-label="Save recording"]');
  const saved = () => {
    const [name] = existsSync(downloadPath) ? readdirSync(downloadPath) : [];
    return name?.endsWith('.ndjson') === true ? join(downloadPath, name) : '';
  };
  await until('a recording', () => saved() !== '' && statSync(saved()).size > 0);
  const again = await open(inspector.url);
  await choose(again, saved());
  await shown(again);
  expect(await again.$eval('.tree-row a', ({ textContent }) => textContent)).toBe('old');
});

test('AF-7 a file that is no recording is refused with a sentence', async () => {
  await using inspector = await startInspector({ port: 0 });
  const page = await open(inspector.url);
  await choose(page, new URL(import.meta.url).pathname);
  expect(await complaint(page)).toContain('no recording');
});

test('AF-7 records without their parts are complained of, and the page goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'interplex-page-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'broken.ndjson');
  const broken = [
    { recording: 'interplex-recording', version: 1 },
    { type: '@xstate.actor', sessionId: 'a/1' },
    { type: '@xstate.event', sessionId: 'a/1' },
    { type: '@interplex.figures', sessionId: 'node:a', figures: { nodes: 7, routes: {} } },
    { type: '@xstate.actor', sessionId: 'b/1', name: 'whole', node: 'b', snapshot: {} },
  ];
  writeFileSync(path, broken.map((line) => JSON.stringify(line)).join('\n'));
  await using inspector = await startInspector({ port: 0 });
  const page = await open(inspector.url);
  await choose(page, path);
  expect(await complaint(page)).toContain('it has no event');
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.tree-row a')].some((link) => link.textContent === 'whole'),
  );
  for (const view of ['chart', 'sequence', 'connections', 'data-ports', 'ports', 'cluster']) {
    await page.evaluate((name) => (location.hash = `#/${name}`), view);
    await page.waitForSelector(`nav a[aria-current][href="#/${view}"]`);
  }
});

test('AF-7 who comes later sees what was before, who was cut off sees nothing twice', async () => {
  await using inspector = await startInspector({ port: 0 });
  const actor = createActor(lamp, { id: 'lamp' }).start();
  inspector.watch(actor);
  const other = new InspectingClient(inspector.url);
  onTestFinished(() => other.close());
  await other.find(({ type }) => type === '@xstate.actor');
  for (const state of ['on', 'off']) {
    actor.send({ type: 'toggle' });
    await other.find((one) => one.type === '@xstate.snapshot' && one.snapshot.value === state);
  }
  const { port, hostname } = new URL(inspector.url);
  const line = await TcpProxy.start({ server: { address: hostname, port: Number(port) } });
  onTestFinished(() => line.stop());
  const page = await open(`http://${hostname}:${line.front.port}/#/chart`);
  const seen = (count: number) =>
    page.waitForFunction(
      (wanted) => document.querySelector('.steps .count')?.textContent === wanted,
      {},
      `${count} seen`,
    );
  await seen(2);
  // Drawn: a cut while the page's own files are on their way is another thing than one of its line.
  await page.waitForSelector('.chart .active[data-state="off"]');
  line.reset();
  await page.waitForSelector('.status.lost');
  await page.waitForSelector('.status.live');
  actor.send({ type: 'toggle' });
  await seen(3);
  expect(await page.$eval('.steps-bar strong', ({ textContent }) => textContent)).toBe('on');
});
