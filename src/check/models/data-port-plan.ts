/** What the port of a model carries, and between whom. */
import type { Channel } from '../../data-port/channels.ts';
import type { Acknowledgement } from '../../data-port/outgoing-frame.ts';
import { InterplexError } from '../../errors.ts';

/** What a port of a model carries. */
export interface PortPlan {
  readonly kind: Channel['kind'];
  /** Its messages: of each its key, which counts where the channel is keyed. */
  readonly keys: readonly string[];
  readonly acknowledgement: Acknowledgement;
  readonly links: number;
  readonly targets: readonly string[];
}
export const lanesOf = ({ kind }: PortPlan) => (kind === 'keyed' ? 16 : 1);
export const channelsOf = (plan: PortPlan): Channel[] => [
  {
    id: 0,
    name: 'main',
    kind: plan.kind,
    priority: 'interactive',
    windowBytes: 1_048_576,
    lanes: lanesOf(plan),
  },
];
export const keyOf = ({ kind, keys }: PortPlan, number: number): string | undefined =>
  kind === 'keyed' ? keys[number] : undefined;

/** The lines to a target: the addresses that it has. */
export const lineOf = (target: string, path: number): string => `${target}.${path}`;
/** A message that a probe sends, and no model. */
export const strange = 99;

export const asError = (error: Error): InterplexError =>
  error instanceof InterplexError ? error : new InterplexError('IPX_PATH_LOST', error.message);
