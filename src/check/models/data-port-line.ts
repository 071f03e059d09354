/**
 * A line between two ends of a data port in a model: connections over it, as TCP makes them. What
 * is written comes in order, at any later time; a connection may break, with all that is on its
 * way, and a line may be cut for ever. Each end learns of a break when it likes.
 */
import { enqueueActions, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';
import { unprovided } from '../../../actors/unprovided.ts';
import type { ModelEnvironment } from '../model-actor.ts';
import type { PortStep } from './data-port-end.ts';

/** `up`: to the target. */
type Way = 'up' | 'down';
const ways: readonly Way[] = ['up', 'down'];
const other = (way: Way): Way => (way === 'up' ? 'down' : 'up');

/** What one direction of a connection has on its way, and whether anybody hears it. */
interface Lane {
  readonly items: readonly string[];
  readonly isHeard: boolean;
}
interface Wire extends Readonly<Record<Way, Lane>> {
  /** The target knows of it. */
  readonly isGreeted: boolean;
}
export interface Line {
  /** The cells of the two ends. */
  readonly ends: Readonly<Record<Way, string>>;
  readonly wires: Readonly<Record<string, Wire>>;
  /** Breaks of a connection that may still come, and cuts of the line. */
  readonly breaksLeft: number;
  readonly cutsLeft: number;
  /** Nobody answers over it any more. */
  readonly isCut: boolean;
}
export type LineEvent =
  | { type: 'dialled'; wire: string }
  | { type: 'wrote'; from: string; wire: string; words: string }
  | { type: 'closed'; from: string; wire: string }
  | { type: 'arrived'; wire: string; way: Way }
  | { type: 'target.crashed' }
  | { type: 'break' } // of the world: once in a while
  | { type: 'cut' };

const lost = '(lost)';
const refused = '(refused)';
const over = '(closed)';
const unheard = '(unheard)';

/** A change of the line: what its wires become, and what the ends hear. */
interface Change {
  readonly wires: Readonly<Record<string, Wire>>;
  readonly heard?: readonly { readonly way: Way; readonly step: PortStep }[];
}

const withWire = ({ wires }: Pick<Line, 'wires'>, name: string, wire: Wire): Change['wires'] => {
  const isGone = ways.every((way) => wire[way].items.length === 0 && !wire[way].isHeard);
  const { [name]: _former, ...others } = wires;
  return isGone ? others : { ...others, [name]: wire };
};

/** Nobody hears that direction any more: what is on its way comes to nothing. */
const deaf = ({ items }: Lane): Lane => ({
  items: items.length > 0 ? [unheard] : [],
  isHeard: false,
});
const broken = (lane: Lane): Lane => (lane.isHeard ? { ...lane, items: [lost] } : deaf(lane));
const ended = (wire: Wire): Wire => ({ ...wire, up: broken(wire.up), down: broken(wire.down) });

function arrived(line: Line, name: string, way: Way): Change {
  const wire = line.wires[name];
  const [item, ...items] = wire?.[way].items ?? [];
  if (!wire || item === undefined) return line;
  if (!wire[way].isHeard) {
    return { wires: withWire(line, name, { ...wire, [way]: { items, isHeard: false } }) };
  }
  const isEnd = item === lost || item === over || item === refused;
  const isNew = way === 'up' && !wire.isGreeted;
  const after: Wire = isEnd
    ? {
        ...wire,
        [way]: { items: [], isHeard: false },
        // Whoever hears that it is over writes no more, and the other end hears nothing of it.
        [other(way)]: item === over ? deaf(wire[other(way)]) : wire[other(way)],
      }
    : { ...wire, [way]: { ...wire[way], items }, isGreeted: true };
  const greeting = isNew && !isEnd ? [{ way, step: { do: 'greet', wire: name } as const }] : [];
  const step: PortStep = isEnd
    ? { do: item === refused ? 'refuse' : 'lose', wire: name }
    : { do: 'hear', wire: name, words: item };
  const heard = isNew && isEnd ? [] : [...greeting, { way, step }];
  return { wires: withWire(line, name, after), heard };
}

function changeBy(line: Line, event: LineEvent): Change {
  switch (event.type) {
    case 'dialled': {
      const down = { items: line.isCut ? [refused] : [], isHeard: true };
      const up = { items: [], isHeard: !line.isCut };
      return { wires: withWire(line, event.wire, { up, down, isGreeted: false }) };
    }
    case 'wrote': {
      const wire = line.wires[event.wire];
      const way = event.from === line.ends.down ? 'up' : 'down';
      const isLost = wire?.[way].items.includes(lost) === true;
      if (!wire?.[way].isHeard || isLost) return line;
      const lane = { ...wire[way], items: [...wire[way].items, event.words] };
      return { wires: withWire(line, event.wire, { ...wire, [way]: lane }) };
    }
    case 'closed': {
      const wire = line.wires[event.wire];
      if (!wire) return line;
      const way = event.from === line.ends.down ? 'up' : 'down';
      const isLost = wire[way].items.includes(lost);
      const items = isLost ? wire[way].items : [...wire[way].items, over];
      const out = wire[way].isHeard ? { ...wire[way], items } : wire[way];
      const back = deaf(wire[other(way)]);
      return { wires: withWire(line, event.wire, { ...wire, [way]: out, [other(way)]: back }) };
    }
    case 'arrived':
      return arrived(line, event.wire, event.way);
    case 'break':
    case 'cut': {
      const names = Object.keys(line.wires);
      const wires = names.map((name) => withWire({ wires: {} }, name, ended(line.wires[name]!)));
      return { wires: Object.assign({}, ...wires) as Change['wires'] };
    }
    case 'target.crashed': {
      const names = Object.keys(line.wires);
      const wires = names.map((name) => {
        const { down, ...wire } = line.wires[name]!;
        return withWire({ wires: {} }, name, { ...wire, up: deaf(wire.up), down: broken(down) });
      });
      return { wires: Object.assign({}, ...wires) as Change['wires'] };
    }
  }
}

export const lineMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: Line;
    input: Pick<Line, 'ends' | 'breaksLeft' | 'cutsLeft'>;
    events: LineEvent;
  },
  guards: {
    mayBreak: ({ context }) => context.breaksLeft > 0 && Object.keys(context.wires).length > 0,
    mayCut: ({ context }) => context.cutsLeft > 0,
  },
  actions: {
    // Two, since a fair run tells answers by their effect.
    carryUp: unprovided('carryUp'),
    carryDown: unprovided('carryDown'),
    change: enqueueActions(({ context, event, system, enqueue }) => {
      const { wires, heard = [] } = changeBy(context, event);
      enqueue.assign({ wires });
      // Each direction that has something on its way brings its next item at some time.
      for (const [name, wire] of Object.entries(wires)) {
        for (const way of ways) {
          const before = context.wires[name]?.[way].items.length ?? 0;
          const isNext = event.type === 'arrived' && event.wire === name && event.way === way;
          if (wire[way].items.length === 0 || (before > 0 && !isNext)) continue;
          const type = way === 'up' ? 'carryUp' : 'carryDown';
          enqueue({ type, params: { wire: name } } as never);
        }
      }
      for (const { way, step } of heard) {
        const end = system.get(context.ends[way]) as AnyActorRef;
        enqueue.sendTo(end, { type: 'step', step });
      }
    }),
    countBreak: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ breaksLeft: context.breaksLeft - 1 });
    }),
    countCut: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ cutsLeft: context.cutsLeft - 1, isCut: true });
    }),
    noteCrash: enqueueActions(({ enqueue }) => {
      enqueue.assign({ isCut: true, breaksLeft: 0, cutsLeft: 0 });
    }),
  },
}).createMachine({
  id: 'line',
  context: ({ input }) => ({ ...input, wires: {}, isCut: false }),
  on: {
    dialled: { actions: 'change' },
    wrote: { actions: 'change' },
    closed: { actions: 'change' },
    arrived: { actions: 'change' },
    'target.crashed': { actions: ['change', 'noteCrash'] },
    break: { guard: 'mayBreak', actions: ['change', 'countBreak'] },
    cut: { guard: 'mayCut', actions: ['change', 'countCut'] },
  },
});

export const lineEnvironment: ModelEnvironment<typeof lineMachine> = {
  effects: {
    carryUp: ({ params }) => [{ type: 'arrived', way: 'up', ...(params as { wire: string }) }],
    carryDown: ({ params }) => [{ type: 'arrived', way: 'down', ...(params as { wire: string }) }],
  },
  unasked: [{ type: 'break' }, { type: 'cut' }],
};
