/**
 * The judge of a history of ports, the same for a model's and for one recorded of real threads: no
 * port is ever held twice, and what comes back was held (SP-1, SP-5).
 */
export type PortAct =
  | { readonly type: 'held' | 'given'; readonly stack: string; readonly port: number }
  /** For certain: whatever it held is at rest. */
  | { readonly type: 'died'; readonly stack: string };

export interface PortVerdict {
  /** By port, who holds it. */
  readonly holders: Readonly<Record<number, string>>;
  /** The first thing that went wrong. */
  readonly fault: string;
}
export const noVerdict: PortVerdict = { holders: {}, fault: '' };

/** What is known after one act more. */
export function judged(verdict: PortVerdict, act: PortAct): PortVerdict {
  const { holders, fault } = verdict;
  if (fault !== '') return verdict;
  if (act.type === 'died') {
    const left = Object.entries(holders).filter(([, stack]) => stack !== act.stack);
    return { holders: Object.fromEntries(left), fault };
  }
  const { stack, port } = act;
  const holder = holders[port];
  if (act.type === 'held') {
    if (holder !== undefined)
      return { holders, fault: `${port} is held by ${holder} and ${stack}` };
    return { holders: { ...holders, [port]: stack }, fault };
  }
  if (holder !== stack) return { holders, fault: `${stack} gives ${port}, which is not its own` };
  const { [port]: _given, ...others } = holders;
  return { holders: others, fault };
}

/** The same for a long history: one verdict, changed in place. */
export function judgeAll(acts: Iterable<PortAct>): PortVerdict {
  const holders: Record<number, string> = {};
  for (const act of acts) {
    const before = act.type === 'died' ? undefined : holders[act.port];
    if (act.type === 'died') {
      for (const [port, stack] of Object.entries(holders)) {
        if (stack === act.stack) Reflect.deleteProperty(holders, port);
      }
      continue;
    }
    const known = before === undefined ? {} : { [act.port]: before };
    const { fault } = judged({ holders: known, fault: '' }, act);
    if (fault !== '') return { holders, fault };
    if (act.type === 'held') holders[act.port] = act.stack;
    else Reflect.deleteProperty(holders, act.port);
  }
  return { holders, fault: '' };
}
