/**
 * Two thousand actors in the page: how soon they are seen, and how often those in sight change on
 * it, while others change, too. All change no oftener than steps are told one by one.
 */
import { startInspector } from 'interplex/inspect';
import { createActor, createMachine } from 'xstate';
import { isChromiumLeftOut, launchChromium, newPage } from '../../support/browser.ts';
import { less, more, type Result } from '../report.ts';
import type { Group, Scale } from '../suite.ts';

const paintName = 'first paint of 2 000 actors';
const updateName = 'updates of 2 000 actors on the page';
const actorCount: Record<Scale, number> = { full: 2_000, smoke: 50 };
const watchMs: Record<Scale, number> = { full: 4_000, smoke: 300 };

/** The first rows of the tree. */
const inSightCount = 10;

const lamp = createMachine({
  id: 'lamp',
  initial: 'off',
  states: { off: { on: { toggle: 'on' } }, on: { on: { toggle: 'off' } } },
});

export const pageGroup: Group = {
  names: [paintName, updateName],
  measure: async (scale) => {
    if (isChromiumLeftOut) throw new Error('There is no Chromium to draw the page.');
    await using inspector = await startInspector({ port: 0 });
    const actors = Array.from({ length: actorCount[scale] }, (_, index) => {
      const actor = createActor(lamp, { id: `lamp ${index}` }).start();
      inspector.watch(actor);
      return actor;
    });
    let turn = 0;
    const change = setInterval(() => {
      actors[turn % inSightCount]?.send({ type: 'toggle' });
      actors[turn % actors.length]?.send({ type: 'toggle' });
      turn += 1;
    }, 5);
    const browser = await launchChromium();
    try {
      return await draw(browser, inspector.url, scale);
    } finally {
      clearInterval(change);
      await browser.close();
    }
  },
};

async function draw(
  browser: Awaited<ReturnType<typeof launchChromium>>,
  url: string,
  scale: Scale,
): Promise<readonly Result[]> {
  const { page } = await newPage(browser);
  const begunAt = performance.now();
  await page.goto(url);
  const wanted = `${actorCount[scale].toLocaleString('en')} living`;
  await page.waitForFunction(
    (text) => document.querySelector('.tree h2')?.textContent?.includes(text),
    { polling: 'mutation' },
    wanted,
  );
  const paintMs = performance.now() - begunAt;
  const perSecond = await page.evaluate(async (ms) => {
    let frames = 0;
    let isChanged = false;
    const tree = document.querySelector('.tree');
    if (!tree) return 0;
    const observer = new MutationObserver(() => (isChanged = true));
    observer.observe(tree, { subtree: true, characterData: true, childList: true });
    const begun = performance.now();
    while (performance.now() - begun < ms) {
      await new Promise(requestAnimationFrame);
      if (isChanged) frames += 1;
      isChanged = false;
    }
    return (frames / (performance.now() - begun)) * 1_000;
  }, watchMs[scale]);
  return [
    less({
      name: paintName,
      unit: 'ms',
      value: paintMs,
      peer: 'what is asked',
      peerValue: 2_000,
      target: 1,
    }),
    more({
      name: updateName,
      unit: '/s',
      value: perSecond,
      peer: 'what is asked',
      peerValue: 30,
      target: 1,
    }),
  ];
}
