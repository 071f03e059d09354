/**
 * Goal: AF-7: a machine's chart is the same in every format, with all that the machine has, and a
 * name can say anything.
 * Method: every machine of the project, and one whose names are markup, printed in each format.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DOMParser } from '@xmldom/xmldom';
import { createMachine } from 'xstate';
import { afterEach, expect, test, vi } from 'vitest';
import { catalogue } from '#internal/inspect/catalogue';
import { activeStates, chartOf, labelOf, statesOf } from '#internal/inspect/chart';
import { drawChart, printChart } from '#internal/inspect/chart-drawing';
import { layOut, type PlacedChart } from '#internal/inspect/chart-layout';
import { printElement } from '#internal/inspect/drawing';
import { newLayouter } from '#internal/inspect/elk';
import { scxmlOf } from '#internal/inspect/scxml';
import { chartCommand } from '#internal/cli/chart';

const elk = newLayouter();

/** Throws where it is no well-formed XML. */
const parsed = (xml: string) =>
  new DOMParser({
    onError: (level, message) => {
      throw new Error(`${level}: ${message}`);
    },
  }).parseFromString(xml, 'text/xml');

const textsOf = ({ states, arrows }: PlacedChart): string[] => [
  ...states.flatMap(({ state }) => (state.type === 'history' ? [] : [state.name, ...state.doings])),
  ...arrows.flatMap(({ label }) => label?.lines ?? []),
];

test.each([...catalogue])(
  'AF-7 %s is laid out whole, and nothing lies outside',
  async (_, machine) => {
    const chart = chartOf(machine);
    const placed = await layOut(chart, elk);
    expect(placed.states.map(({ state }) => state.id).toSorted()).toEqual(
      statesOf(chart.root)
        .map(({ id }) => id)
        .toSorted(),
    );
    const drawn = new Set(placed.arrows.flatMap(({ arrow }) => arrow?.transitions ?? []));
    const wanted = chart.arrows.filter(({ isNoted }) => !isNoted);
    expect([...drawn].toSorted()).toEqual(
      wanted.flatMap(({ transitions }) => transitions).toSorted(),
    );
    const labels = placed.arrows.flatMap(({ arrow, label }) =>
      arrow ? [[label?.lines.join(' '), labelOf(arrow)]] : [],
    );
    for (const [drawnLabel, label] of labels) expect(drawnLabel).toBe(label);
    const boxes = [...placed.states, ...placed.starts];
    for (const { x, y, width, height } of boxes) {
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(placed.width);
      expect(y + height).toBeLessThanOrEqual(placed.height);
    }
  },
);

test.each([...catalogue])('AF-7 the picture of %s has each of its texts', async (_, machine) => {
  const placed = await layOut(chartOf(machine), elk);
  const svg = printChart(placed);
  expect(parsed(svg).documentElement?.tagName).toBe('svg');
  for (const text of textsOf(placed)) {
    expect(svg).toContain(`>${text.replaceAll('&', '&amp;').replaceAll('>', '&gt;')}<`);
  }
});

test('AF-7 a machine of many arrows is laid out in seconds', { timeout: 15_000 }, async () => {
  const count = 60;
  const states = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `s${index}`,
      { on: { next: `s${(index + 1) % count}`, [`back${index}`]: 's0' } },
    ]),
  );
  const placed = await layOut(chartOf(createMachine({ id: 'large', initial: 's0', states })), elk);
  expect(placed.states).toHaveLength(count + 1);
  expect(placed.arrows.filter(({ points }) => points.length === 0)).toEqual([]);
});

test('AF-7 what a state answered without an arrow is marked where it is written', async () => {
  const machine = createMachine({
    id: 'door',
    initial: 'shut',
    states: {
      shut: { entry: 'lock', on: { knock: { actions: 'listen' }, ring: { actions: 'open' } } },
    },
  });
  const placed = await layOut(chartOf(machine), elk);
  const svg = printElement(drawChart(placed, { taken: new Set(['shut#1']) }));
  expect(svg.match(/class="taken">[^<]*/g)).toEqual(['class="taken">ring / open']);
});

test('AF-7 what is active is lit, and what was taken marked', async () => {
  const machine = createMachine({
    id: 'door',
    initial: 'shut',
    states: { shut: { on: { push: 'ajar' } }, ajar: { on: { pull: 'shut' } } },
  });
  const chart = chartOf(machine);
  const active = new Set(activeStates('ajar'));
  const taken = new Set(['shut#0']);
  const svg = printElement(drawChart(await layOut(chart, elk), { active, taken }));
  expect(svg.match(/class="state atomic active" data-state="ajar"/g)).toHaveLength(1);
  expect(svg).not.toMatch(/active" data-state="shut"/);
  expect(svg.match(/class="arrow taken"/g)).toHaveLength(1);
});

test('AF-7 the states of regions and of what they lie in are active together', () => {
  const value = { owner: { listening: 'serving', clock: { run: 'fast' } } };
  expect(new Set(activeStates(value))).toEqual(
    new Set([
      '',
      'owner',
      'owner.listening',
      'owner.listening.serving',
      'owner.clock',
      'owner.clock.run',
      'owner.clock.run.fast',
    ]),
  );
});

test('AF-7 names that are markup are text in every picture', async () => {
  const markup = '</text><script>alert("1")</script>';
  const hostile = createMachine({
    id: markup,
    initial: markup,
    states: {
      [markup]: { entry: markup, on: { [markup]: { guard: markup, target: 'next' } } },
      next: {},
    },
  });
  const chart = chartOf(hostile);
  for (const xml of [printChart(await layOut(chart, elk)), scxmlOf(chart)]) {
    expect(parsed(xml).getElementsByTagName('script')).toHaveLength(0);
    expect(xml).toContain('&lt;script&gt;alert(&quot;1&quot;)');
  }
});

test.each([...catalogue])(
  'AF-7 the SCXML of %s has its states and transitions, and targets that are there',
  (_, machine) => {
    const chart = chartOf(machine);
    const xml = scxmlOf(chart);
    const elements = Array.from(parsed(xml).getElementsByTagName('*'));
    expect(elements[0]?.namespaceURI).toBe('http://www.w3.org/2005/07/scxml');
    const isTransition = ({ tagName }: (typeof elements)[number]) => tagName === 'transition';
    expect(elements.filter(isTransition)).toHaveLength(
      chart.arrows.reduce((sum, { events }) => sum + events.length, 0),
    );
    const ids = elements.flatMap((one) => one.getAttribute('id') ?? []);
    const named = statesOf(chart.root).filter(({ id }) => id !== '');
    expect(ids.filter((id) => !id.startsWith('machine-')).toSorted()).toEqual(
      named.map(({ id }) => id).toSorted(),
    );
    const targets = elements.flatMap((one) =>
      ['target', 'initial'].flatMap((name) => one.getAttribute(name)?.split(' ') ?? []),
    );
    for (const id of targets) expect(ids).toContain(id);
  },
);

afterEach(() => vi.restoreAllMocks());

test.each([
  ['svg', /^<svg /],
  ['json', /^\{\n {2}"machine"/],
  ['scxml', /^<\?xml /],
])('AF-7 interplex chart writes a file of each machine as %s', async (format, beginning) => {
  const folder = mkdtempSync(join(tmpdir(), 'interplex-charts-'));
  try {
    const args = ['all', '--format', format, '-o', folder];
    await chartCommand().parseAsync(args, { from: 'user' });
    expect(readdirSync(folder).toSorted()).toEqual(
      Array.from(catalogue.keys(), (name) => `${name}.${format}`).toSorted(),
    );
    for (const file of readdirSync(folder)) {
      expect(readFileSync(join(folder, file), 'utf8')).toMatch(beginning);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

async function printedAll(format: string): Promise<string> {
  const printed: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  await chartCommand().parseAsync(['all', '--format', format], { from: 'user' });
  vi.restoreAllMocks();
  return printed.join('');
}

test('AF-7 interplex chart all as JSON is one value', async () => {
  expect(JSON.parse(await printedAll('json'))).toHaveLength(catalogue.size);
});

test.each(['svg', 'scxml'])('AF-7 interplex chart all as %s is one document', async (tag) => {
  const all = parsed(await printedAll(tag));
  expect(all.getElementsByTagName(tag)).toHaveLength(catalogue.size);
});
