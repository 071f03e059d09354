/**
 * Goal: AF-7: a counterexample of the checker is played back on the charts, step by step.
 * Method: a real one, written as `interplex check --json` writes it; `interplex inspect`; Chromium.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkModel, models, type SystemState } from 'interplex/check';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { isChromiumLeftOut, launchChromium, newPage } from '../support/browser.ts';
import { startCommand } from '../support/demo.ts';

// A clone without a browser tests all but the page.
beforeEach(({ skip }) => skip(isChromiumLeftOut, 'there is no Chromium'));

const folder = mkdtempSync(join(tmpdir(), 'interplex-inspect-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function violationFile(): Promise<string> {
  const model = models.find(({ name }) => name === 'takeover')!.model();
  const claim = {
    never: 'hall-2 owns the VIPA',
    holds: ({ actors }: SystemState) => actors['hall-2']?.child('vipa')?.matches('owner') === true,
  };
  const report = await checkModel({ ...model, properties: [claim] });
  const path = join(folder, 'check.json');
  writeFileSync(path, `${JSON.stringify({ name: 'takeover', ...report })}\n`);
  return path;
}

test('AF-7 interplex inspect plays a counterexample, back and forth', async () => {
  const args = ['inspect', await violationFile(), '--port', '0', '--json'];
  const command = await startCommand<{ inspect: string }>(...args);
  const browser = await launchChromium();
  try {
    const { page, complaints } = await newPage(browser);
    await page.goto(`${command.said.inspect}#/sequence`);
    await page.waitForSelector('.message'); // Between actors: a model has no nodes that speak.
    await page.goto('about:blank');
    await page.goto(`${command.said.inspect}#/chart/${encodeURIComponent('hall-2/vipa')}`);
    await page.waitForSelector('.player');
    await page.waitForSelector('.chart .active[data-state^="owner"]');
    expect(await page.$eval('.status', (status) => status.textContent)).toBe('recording');
    expect(await page.$eval('.player', ({ textContent }) => textContent)).toMatch(
      /takeover: .*hall-2 owns the VIPA.*vipa is now owner/,
    );
    await page.click('button[title="To the beginning"]');
    await page.waitForFunction(
      () => document.querySelector('.chart .active[data-state^="owner"]') === null,
    );
    const step = '.player button:nth-of-type(4)';
    while ((await page.$('.chart .active[data-state^="owner"]')) === null) await page.click(step);
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
    await command.stop();
  }
});
