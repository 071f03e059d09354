/**
 * Goal: AF-7: where one may, what the page offers is done when it is clicked; what would be refused
 * it does not offer, and without leave it offers nothing.
 * Method: real Chromium; a cluster, and a node of this thread, that are clicked at.
 */
import type { Browser, Page } from 'puppeteer-core';
import { createWebSocketInspector } from '@statelyai/inspect';
import { startCluster, startNode, type Cluster } from 'interplex';
import { startInspector } from 'interplex/inspect';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { isChromiumLeftOut, launchChromium } from '../support/browser.ts';
import { openPage } from '../support/page-faults.ts';

beforeEach(({ skip }) => skip(isChromiumLeftOut, 'there is no Chromium'));

let browser: Browser;
beforeAll(async () => {
  if (!isChromiumLeftOut) browser = await launchChromium();
});
afterAll(() => browser?.close());

const silent = { log: { level: 'silent' } } as const;
const demo = new URL('../../dist/src/cli/demo/', import.meta.url);

async function seenCluster(control: boolean): Promise<Cluster> {
  const cluster = await startCluster({
    inspect: { port: 0, control },
    ...silent,
    applications: { lobby: new URL('lobby.js', demo), room: new URL('room.js', demo) },
    nodes: { edge: {}, hall: { run: ['room'] } },
    vipas: { chat: { address: '127.0.0.1', port: 0, routing: 'lobby', owner: 'edge' } },
  });
  onTestFinished(() => cluster.stop());
  return cluster;
}

const offered = (page: Page) =>
  page.$$eval('.controls button', (buttons) => buttons.map(({ ariaLabel }) => ariaLabel));
const hasOffers = (page: Page, wanted: readonly string[]) =>
  page.waitForFunction(
    (labels) =>
      [...document.querySelectorAll('.controls button')]
        .map(({ ariaLabel }) => ariaLabel)
        .join() === labels,
    {},
    wanted.join(),
  );
/** Opens the chart of an actor, by its name in the tree. */
async function openChart(page: Page, name: string): Promise<void> {
  const find = (wanted: string) =>
    [...document.querySelectorAll<HTMLElement>('.tree-row a')].find(
      ({ textContent }) => textContent === wanted,
    );
  const link = await page.waitForFunction(find, {}, name);
  await (link as unknown as { click(): Promise<void> }).click();
  await page.waitForSelector('.chart');
}

test('AF-7 a node is drained and started again, a path cut, an event sent: clicked', async () => {
  const cluster = await seenCluster(true);
  const page = await openPage(browser, cluster.inspectorUrl ?? '');
  await hasOffers(page, ['kill edge', 'drain edge', 'kill hall', 'drain hall']);
  await page.click('button[aria-label="drain hall"]');
  await hasOffers(page, ['kill edge', 'drain edge', 'restart hall']);
  expect(cluster.nodes()).toEqual(['edge']);
  await page.click('button[aria-label="restart hall"]');
  await hasOffers(page, ['kill edge', 'drain edge', 'kill hall', 'drain hall']);
  expect(cluster.nodes()).toContain('hall');

  await page.waitForSelector('button[aria-label^="cut edge messages"]');
  await page.$eval('button[aria-label^="cut edge messages"]', (button) =>
    (button as HTMLElement).click(),
  );
  await page.waitForSelector('.side .badge.bad');

  await openChart(page, 'target:room');
  await page.type('.send input', 'pause');
  await page.click('.send button');
  await page.waitForSelector('.chart .active[data-state="open.paused"]');
  await page.$eval('.send input', (field) => (field.value = ''));
  await page.type('.send input', 'no event at all');
  await page.click('.send button');
  await page.waitForSelector('.complaint');
});

test('AF-7 without leave nothing is offered', async () => {
  const cluster = await seenCluster(false);
  const page = await openPage(browser, cluster.inspectorUrl ?? '');
  await page.waitForSelector('.card.living');
  await page.waitForFunction(() => document.querySelector('.side')?.textContent?.includes('Paths'));
  expect(await offered(page)).toEqual([]);
  expect(await page.$$('button.danger')).toEqual([]);
  await openChart(page, 'stack');
  expect(await page.$('.send')).toBeNull();
});

test('AF-7 of a node of its program’s own thread only its drain is offered', async () => {
  const inspect = { port: 0, control: true };
  const node = await startNode({ id: 'edge', applications: {}, inspect, ...silent });
  onTestFinished(() => node.stop());
  const page = await openPage(browser, node.inspectorUrl ?? '');
  await hasOffers(page, ['drain edge']);
  await page.click('button[aria-label="drain edge"]');
  await page.waitForSelector('.card.ended');
  expect(await offered(page)).toEqual([]);
});

test('AF-7 an actor of another program is shown, and no event offered for it', async () => {
  await using inspector = await startInspector({ port: 0, control: true });
  const page = await openPage(browser, `${inspector.url}#/chart`);
  await page.waitForSelector('.status.live');
  const url = `${inspector.url.replace('http', 'ws')}stately`;
  const foreign = createWebSocketInspector({ url });
  onTestFinished(() => foreign.stop());
  const lamp = createMachine({ id: 'lamp', initial: 'off', states: { off: {} } });
  createActor(lamp, { inspect: foreign.inspect }).start();
  const own = createActor(lamp, { id: 'own' }).start();
  onTestFinished(inspector.watch(own));
  await openChart(page, 'lamp');
  expect(await page.$('.send')).toBeNull();
  await openChart(page, 'own');
  await page.waitForSelector('.send');
});
