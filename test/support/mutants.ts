/**
 * A machine with one thing changed: each guard, timer, target, action and transition of its
 * configuration in turn. A claim that none of them breaks holds nothing.
 */
import { StateMachine } from 'xstate';
import type { AnyStateMachine, AnyStateNode } from 'xstate';

export interface Mutant<Machine extends AnyStateMachine> {
  readonly name: string;
  readonly machine: Machine;
}

/** A part of a configuration, after `normalised`: transitions and actions are lists. */
type Part = Record<string, unknown>;
type Path = readonly (string | number)[];

/** What is done at the end of a path: it is taken out, or replaced. */
interface Edit {
  readonly name: string;
  readonly path: Path;
  readonly value?: unknown;
}

export function mutantsOf<Machine extends AnyStateMachine>(machine: Machine): Mutant<Machine>[] {
  const config = normalised(machine.config);
  return editsOf(machine.root, config, []).map((edit) => {
    const edited = copied(config);
    make(edited, edit);
    return { name: edit.name, machine: machineOf(machine, edited) };
  });
}

/** The machine made again of its parts, as each mutant is: it must keep every claim. */
export const unmutated = <Machine extends AnyStateMachine>(machine: Machine): Machine =>
  machineOf(machine, normalised(machine.config));

const machineOf = <Machine extends AnyStateMachine>(machine: Machine, config: Part): Machine =>
  new StateMachine(config as never, machine.implementations) as unknown as Machine;

function editsOf(node: AnyStateNode, config: Part, path: Path): Edit[] {
  const name = node.path.join('.') || node.machine.id;
  const lists = ['entry', 'exit', 'invoke'].flatMap((list) =>
    listAt(config, list).map((item, index) => ({
      name: `${name}: no ${list} ${nameOf(item)}`,
      path: [...path, list, index],
    })),
  );
  const starts = Object.keys(node.states)
    .filter((key) => config.initial !== undefined && config.initial !== key)
    .map((value) => ({ name: `${name}: starts in ${value}`, path: [...path, 'initial'], value }));
  const transitions = ['on', 'after'].flatMap((kind) =>
    Object.entries(partAt(config, kind)).flatMap(([key, list]) =>
      transitionEdits(node, `${name}: ${kind} ${key}`, list as Part[], [...path, kind, key]),
    ),
  );
  const always = listAt(config, 'always') as Part[];
  const inside = Object.values(node.states).flatMap((child) =>
    editsOf(child, partAt(partAt(config, 'states'), child.key), [...path, 'states', child.key]),
  );
  return [
    ...lists,
    ...starts,
    ...transitions,
    ...transitionEdits(node, `${name}: always`, always, [...path, 'always']),
    ...inside,
  ];
}

function transitionEdits(node: AnyStateNode, event: string, list: Part[], path: Path): Edit[] {
  return list.flatMap((transition, index) => {
    const name = list.length === 1 ? event : `${event} (${index + 1})`;
    const at = [...path, index];
    const { guard, target } = transition;
    const elsewhere = typeof target === 'string' ? [elsewhereThan(node, target)] : [];
    return [
      { name: `${name}: removed`, path: at },
      ...(guard === undefined ? [] : [{ name: `${name}: no guard`, path: [...at, 'guard'] }]),
      ...elsewhere.map((value) => ({
        name: `${name}: to ${value}`,
        path: [...at, 'target'],
        value,
      })),
      ...listAt(transition, 'actions').map((action, order) => ({
        name: `${name}: no ${nameOf(action)}`,
        path: [...at, 'actions', order],
      })),
    ];
  });
}

/** The state after the one meant, in the order written, that neither holds it nor lies in it. */
function elsewhereThan(source: AnyStateNode, target: string): string {
  const meant = resolved(source, target);
  const all = below(source.machine.root);
  const place = all.indexOf(meant);
  const isRelated = (a: AnyStateNode, b: AnyStateNode) =>
    a.path.every((key, i) => b.path[i] === key);
  const other = [...all.slice(place + 1), ...all.slice(0, place)].find(
    (node) => !isRelated(node, meant) && !isRelated(meant, node),
  );
  return `#${(other ?? meant).id}`;
}

const below = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap((child) => below(child)),
];

/** `#id`, `.child` or the name of a sibling. */
function resolved({ machine, parent, path }: AnyStateNode, target: string): AnyStateNode {
  if (target.startsWith('#')) return machine.getStateNodeById(target);
  const from = target.startsWith('.') ? path : (parent?.path ?? []);
  return machine.getStateNodeById([machine.id, ...from, target.replace('.', '')].join('.'));
}

function make(config: Part, { path, value }: Edit): void {
  const key = path.at(-1);
  const holder = path.slice(0, -1).reduce<unknown>((part, step) => (part as Part)[step], config);
  if (key === undefined) return;
  if (value !== undefined) (holder as Part)[key] = value;
  else if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else Reflect.deleteProperty(holder as Part, key);
}

/** A copy whose transitions are all lists of objects, and whose actions are all lists. */
function normalised(config: object): Part {
  const copy = { ...config } as Part;
  for (const list of ['entry', 'exit', 'invoke', 'actions']) {
    if (copy[list] !== undefined) copy[list] = [copy[list]].flat();
  }
  const transitions = (written: unknown) =>
    [written]
      .flat()
      .map((one) => normalised(typeof one === 'object' && one ? one : { target: one }));
  if (copy.always !== undefined) copy.always = transitions(copy.always);
  for (const kind of ['on', 'after']) {
    if (copy[kind] !== undefined) copy[kind] = mapped(copy[kind], transitions);
  }
  if (copy.states !== undefined)
    copy.states = mapped(copy.states, (state) => normalised(state as Part));
  return copy;
}

const mapped = (record: unknown, change: (value: unknown) => unknown) =>
  Object.fromEntries(Object.entries(record as Part).map(([key, value]) => [key, change(value)]));

/** Lists and records anew; functions, which nobody edits, are shared. */
function copied<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map((item: unknown) => copied(item)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return mapped(value, copied) as Value;
}

const partAt = (part: Part, key: string) => (part[key] ?? {}) as Part;
const listAt = (part: Part, key: string) => (part[key] ?? []) as unknown[];

function nameOf(item: unknown): string {
  if (typeof item === 'string') return item;
  const { type, src } = item as { type?: unknown; src?: unknown };
  return String(type ?? src).replace('xstate.', '');
}
