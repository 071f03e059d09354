/** What may be wrong with a page: what it complains of, what axe finds, and its width. */
import axe from 'axe-core';
import type { Browser, Page } from 'puppeteer-core';
import { expect, onTestFinished } from 'vitest';
import { newPage } from './browser.ts';

/** None: nobody who uses a keyboard, a phone or a reader of screens is shut out. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    const faults = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    const isWide = document.documentElement.scrollWidth > innerWidth;
    return isWide ? [...faults, 'it is wider than its window'] : faults;
  });
}

/** A page of which the test expects, at its end, that it complained of nothing. */
export async function openPage(browser: Browser, url: string): Promise<Page> {
  const { page, complaints } = await newPage(browser);
  onTestFinished(async () => {
    expect(complaints).toEqual([]);
    await page.close();
  });
  await page.goto(url);
  return page;
}
