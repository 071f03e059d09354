/** A machine's edges, as they are drawn and as a report names those that were never taken. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** Every state of the machine, outermost first, in the order written. */
export const nodesOf = ({ root }: AnyStateMachine): AnyStateNode[] => {
  const below = (node: AnyStateNode): AnyStateNode[] => [
    node,
    ...Object.values(node.states).flatMap((child) => below(child)),
  ];
  return below(root);
};

/** Every transition that a state declares, the timed and the eventless among them. */
export const edgesOf = (node: AnyStateNode): AnyTransitionDefinition[] => [
  ...Array.from(node.transitions.values()).flat(),
  ...(node.always ?? []),
];

/** A state's name in a report: its path, and the machine's own for the whole. */
export const stateName = ({ path, machine }: AnyStateNode): string =>
  path.length === 0 ? machine.id : path.join('.');

export function edgeName(edge: AnyTransitionDefinition): string {
  const targets = edge.target?.map((target) => stateName(target)).join(', ');
  const guard = guardName(edge.guard);
  const label = `${eventName(edge)}${guard === undefined ? '' : ` [${guard}]`}`;
  return `${stateName(edge.source)}: ${label}${targets === undefined ? '' : ` → ${targets}`}`;
}

/** What sets the edge off, without the marks that XState puts on timers and children. */
export function eventName({ eventType: type, source }: AnyTransitionDefinition): string {
  const eventType = String(type);
  if (eventType === '') return 'always';
  const [, kind, rest] =
    /^xstate\.(after|done\.actor|done\.state|error\.actor|snapshot)\.(.+)$/.exec(eventType) ?? [];
  if (kind === undefined || rest === undefined) return eventType;
  if (kind === 'done.state') return 'done';
  if (kind !== 'after') {
    const invoked = source.invoke.find(({ id }) => id === rest)?.src;
    return `${kind.replace('.actor', '')} ${typeof invoked === 'string' ? invoked : rest}`;
  }
  const suffix = `.${source.id}`;
  return `after ${rest.endsWith(suffix) ? rest.slice(0, -suffix.length) : rest}`;
}

export function guardName(guard: unknown): string | undefined {
  if (guard === undefined || typeof guard === 'string') return guard;
  if (typeof guard === 'function') return combinationName(guard);
  const { type } = guard as { type?: unknown };
  return typeof type === 'string' ? type : 'inline';
}

/** `and`, `or` and `not` are functions of these names that carry their parts. */
function combinationName(guard: object & { readonly name: string }): string {
  if (!('guards' in guard)) return /^(guard)?$/.test(guard.name) ? 'inline' : guard.name;
  const parts = (guard.guards as readonly unknown[]).map((part) => guardName(part) ?? '');
  return guard.name === 'not' ? `not ${parts[0]}` : parts.join(` ${guard.name} `);
}
