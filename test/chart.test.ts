/**
 * Goal: what is drawn is the machine: the printed chart shows all of it, and the charts in README
 * and ARCHITECTURE are the printed ones (AF-7).
 * Method: one small machine that has everything, by its text; the command, run as users run it; and
 * each fenced chart in the documents beside what the command prints.
 */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogue } from '#internal/inspect/catalogue';
import { mermaidOf } from '#internal/inspect/mermaid';
import { chartCommand } from '#internal/cli/chart';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { assign, fromCallback, not, sendParent, setup } from 'xstate';

const lift = setup({
  actors: { motor: fromCallback(() => {}) },
  guards: { isFull: () => false },
  delays: { doorLimit: 10 },
  actions: { ring: () => {}, count: assign({}) },
}).createMachine({
  id: 'lift',
  initial: 'moving',
  states: {
    moving: {
      type: 'parallel',
      entry: 'ring',
      on: { alarm: { target: '#lift.end', actions: [sendParent({ type: 'help' })] } },
      onDone: 'door',
      states: {
        cabin: {
          initial: 'up',
          states: { up: { invoke: { src: 'motor', onDone: 'there' } }, there: { type: 'final' } },
        },
        light: {
          initial: 'on',
          states: {
            on: { always: { guard: not('isFull'), target: 'off' } },
            off: { type: 'final' },
          },
        },
        memory: { type: 'history' },
      },
    },
    door: {
      tags: 'open',
      exit: 'ring',
      after: { doorLimit: { guard: 'isFull', target: 'moving', actions: 'ring' } },
      on: {
        enter: { actions: 'count' },
        call: 'moving.memory',
        leave: 'end',
        fire: 'end',
        ignored: {},
      },
    },
    end: { type: 'final' },
  },
});

test('AF-7 a chart shows every state, transition, guard, timer and effect', () => {
  expect(mermaidOf(lift)).toMatchInlineSnapshot(`
    "stateDiagram-v2
      [*] --> moving
      state "moving" as moving {
        state "cabin" as moving_cabin {
          [*] --> moving_cabin_up
          state "up" as moving_cabin_up
          moving_cabin_up : invoke motor
          state "there" as moving_cabin_there
          moving_cabin_there --> [*]
        }
        --
        state "light" as moving_light {
          [*] --> moving_light_on
          state "on" as moving_light_on
          state "off" as moving_light_off
          moving_light_off --> [*]
        }
        state "history" as moving_memory
      }
      state "door" as door
      door : tags open
      door : exit / ring
      door : enter / count
      state "end" as end_
      end_ --> [*]
      moving --> end_ : alarm / sendParent
      moving --> door : done
      moving_cabin_up --> moving_cabin_there : done motor
      moving_light_on --> moving_light_off : always [not isFull]
      door --> moving_memory : call
      door --> end_ : leave, fire
      door --> moving : after doorLimit [isFull] / ring
      note right of moving
        entry / ring
      end note
    "
  `);
});

test('AF-7 what belongs to the whole machine is noted at its frame', () => {
  const framed = setup({}).createMachine({
    id: 'framed',
    initial: 'on',
    on: { stop: '.off' },
    states: { on: {}, off: {} },
  });
  expect(mermaidOf(framed)).toMatchInlineSnapshot(`
    "stateDiagram-v2
      state "framed" as framed {
        [*] --> on
        state "on" as on
        state "off" as off
      }
      note right of framed
        stop → off
      end note
    "
  `);
});

afterEach(() => vi.restoreAllMocks());

async function run(...args: string[]) {
  const printed: string[] = [];
  const complained: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  const command = chartCommand()
    .exitOverride()
    .configureOutput({ writeErr: (text) => void complained.push(text) });
  let failure: unknown;
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (error) {
    failure = error;
  }
  vi.restoreAllMocks();
  return { printed: printed.join(''), complained: complained.join(''), failure };
}

test('AF-7 interplex chart prints one machine and nothing else', async () => {
  const { printed, complained } = await run('stack');
  expect(complained).toBe('');
  expect(printed).toBe(mermaidOf(catalogue.get('stack')!));
});

test('AF-7 interplex chart prints all, each under its name', async () => {
  const titles = (await run('all')).printed.match(/^%% .*$/gm);
  expect(titles).toEqual(Array.from(catalogue.keys(), (name) => `%% ${name}`));
});

test('AF-7 interplex chart writes files into a folder, and prints nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'interplex-chart-'));
  try {
    expect((await run('all', '-o', join(folder, 'charts'))).printed).toBe('');
    const names = Array.from(catalogue.keys(), (name) => `${name}.mmd`);
    expect(readdirSync(join(folder, 'charts')).toSorted()).toEqual(names.toSorted());
    const text = readFileSync(join(folder, 'charts', 'node.mmd'), 'utf8');
    expect(text).toBe(mermaidOf(catalogue.get('node')!));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('AF-9 interplex chart refuses a machine that there is not, and lists those', async () => {
  const { printed, complained, failure } = await run('lift');
  expect(printed).toBe('');
  expect(failure).toMatchObject({ exitCode: 2, code: 'IPX_MACHINE_UNKNOWN' });
  for (const name of catalogue.keys()) expect(complained).toContain(name);
});

test('AF-9 interplex chart refuses a format that there is not', async () => {
  expect((await run('stack', '--format', 'png')).failure).toBeDefined();
});

const marked = /<!-- chart: ([\w-]+) -->\s*```mermaid\n([\s\S]*?)```/g;

describe.each(['README.md', 'ARCHITECTURE.md'].filter((path) => existsSync(path)))('%s', (path) => {
  const text = readFileSync(path, 'utf8');
  const charts = Array.from(text.matchAll(marked), ([, name = '', chart = '']) => ({
    name,
    chart,
  }));

  test('AF-7 has no chart but those printed from a machine', () => {
    expect(text.match(/```mermaid\nstateDiagram/g)?.length ?? 0).toBe(charts.length);
  });
  if (charts.length === 0) return;
  test.each(charts)('AF-7 shows $name as it is', ({ name, chart }) => {
    const machine = catalogue.get(name);
    expect(chart).toBe(machine ? mermaidOf(machine) : `the chart of a machine: "${name}" is none`);
  });
});
