/**
 * A real Chromium without a screen. Where there is none, tests of the page are left out, unless
 * INTERPLEX_CHROMIUM is `required`, as `.ci/run` sets it when it has installed one.
 */
import { existsSync } from 'node:fs';
import { launch, type Browser, type Page } from 'puppeteer-core';

const paths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const chromiumPath = paths.find((path) => existsSync(path));
export const isChromiumLeftOut =
  chromiumPath === undefined && process.env['INTERPLEX_CHROMIUM'] !== 'required';

export function launchChromium(): Promise<Browser> {
  if (chromiumPath === undefined) {
    throw new Error('There is no Chromium: on Debian, apt-get install chromium.');
  }
  return launch({
    executablePath: chromiumPath,
    headless: true,
    // In a container its own sandbox finds no rights; what it opens is this program's page.
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
}

/** A page, and what it complained of. */
export async function newPage(
  browser: Browser,
  { width = 1_280, height = 800 } = {},
): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  await page.setViewport({ width, height });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) complaints.push(message.text());
  });
  page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
  return { page, complaints };
}
