/**
 * Goal: AF-7: whoever uses a keyboard gets everywhere and loses nothing by it; and whoever is not
 * told, or not any more, is told that.
 * Method: real Chromium, its keys, and inspectors that end, or want a token.
 */
import type { Browser } from 'puppeteer-core';
import { startCluster } from 'interplex';
import { startInspector } from 'interplex/inspect';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { isChromiumLeftOut, launchChromium, newPage } from '../support/browser.ts';
import { TcpProxy } from '../support/faults/tcp-proxy.ts';
import { openPage } from '../support/page-faults.ts';
import { until } from '../support/until.ts';

beforeEach(({ skip }) => skip(isChromiumLeftOut, 'there is no Chromium'));

let browser: Browser;
beforeAll(async () => {
  if (!isChromiumLeftOut) browser = await launchChromium();
});
afterAll(() => browser?.close());

test('AF-7 the link to the view stays in it, and keys rest while they are told of', async () => {
  await using inspector = await startInspector({ port: 0 });
  const page = await openPage(browser, `${inspector.url}#/sequence`);
  await page.waitForSelector('.sequence');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  await page.keyboard.press('?');
  await page.waitForSelector('dialog[open]');
  await page.keyboard.press('2');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('dialog[open]'));
  expect(await page.evaluate(() => location.hash)).toBe('#/sequence');
});

test('AF-7 messages are walked by arrows, and Tab passes them in one step', async () => {
  await using inspector = await startInspector({ port: 0 });
  const lamp = createMachine({ id: 'lamp', on: { flash: { actions: () => undefined } } });
  const actor = createActor(lamp, { id: 'lamp' }).start();
  onTestFinished(inspector.watch(actor));
  const page = await openPage(browser, `${inspector.url}#/sequence/main.0%2F${actor.sessionId}`);
  await page.waitForSelector('.status.live');
  await page.waitForFunction(() => document.querySelector('.sequence .empty'));
  for (let count = 0; count < 3; count += 1) actor.send({ type: 'flash', count });
  await page.waitForFunction(() => document.querySelectorAll('.message').length === 3);
  expect(await page.$$('.message[tabindex="0"]')).toHaveLength(1);
  await page.$eval('.message[tabindex="0"]', (message) => (message as SVGElement).focus());
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Space');
  await page.waitForSelector('.detail');
  expect(await page.$eval('.detail pre', ({ textContent }) => textContent)).toContain('"count": 1');
});

test('AF-7 an inspector that is gone is lost, and one that wants a token says so', async () => {
  const inspector = await startInspector({ port: 0 });
  // A browser complains itself of each connection that it cannot make.
  const { page, complaints } = await newPage(browser);
  onTestFinished(() => page.close());
  await page.goto(inspector.url);
  await page.waitForSelector('.status.live');
  await page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(globalThis, { seen });
    const status = document.querySelector('.status')!;
    const note = () => seen.push(status.className);
    new MutationObserver(note).observe(status, { attributeFilter: ['class'] });
  });
  await inspector.close();
  await page.waitForFunction(() => document.body.textContent?.includes('The connection is lost'));
  await until('two attempts in vain', () => complaints.length >= 2);
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
  expect(seen).toEqual(['status lost']);

  await using guarded = await startInspector({ port: 0, token: 'a-token-of-some-length' });
  await page.goto(guarded.url.replace(/#.*/, ''));
  await page.waitForFunction(() =>
    document.querySelector('.cards')?.textContent?.includes('token'),
  );
});

test('AF-7 of a cluster that began anew only what it has now is measured', async () => {
  const started = async (nodes: Record<string, object>) => {
    const cluster = await startCluster({
      inspect: { port: 0 },
      log: { level: 'silent' },
      applications: { lobby: new URL('../../dist/src/cli/demo/lobby.js', import.meta.url) },
      nodes,
      vipas: { chat: { address: '127.0.0.1', port: 0, routing: 'lobby', owner: 'edge' } },
    });
    onTestFinished(() => cluster.stop());
    return Number(new URL(cluster.inspectorUrl ?? '').port);
  };
  // As if the first had been killed, and the second had taken its place.
  const server = { address: '127.0.0.1', port: await started({ edge: {}, hall: {} }) };
  const line = await TcpProxy.start({ server });
  onTestFinished(() => line.stop());
  const page = await openPage(browser, `http://127.0.0.1:${line.front.port}/`);
  const adapters = (wanted: string) =>
    page.waitForFunction(
      (names) =>
        [...document.querySelectorAll('[aria-label="Adapters"] tbody tr td:first-child')]
          .map(({ textContent }) => textContent)
          .toSorted()
          .join() === names,
      {},
      wanted,
    );
  await adapters('edge,hall');
  server.port = await started({ edge: {} });
  line.reset();
  await page.waitForSelector('.status.lost');
  await page.waitForSelector('.status.live');
  await adapters('edge');
  expect(await page.$$eval('.card', ({ length }) => length)).toBe(1);
});
