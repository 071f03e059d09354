/** What the lobbies and the rooms of the demo agree on. */
import type { Target } from '../../../actors/vocabulary.ts';
import { rendezvous } from '../../transfer/rendezvous.ts';

/** A chatter's state on its way between threads. */
export interface Chatter {
  readonly name: string;
  readonly room: string;
}

/** How long a person may take for a name or a room. */
export const patienceMs = 5 * 60_000;

const wordForm = /^[^\p{C}\s/][^\p{C}\s]{0,31}$/u;

/** A name or a room as it was typed, or `undefined` with the rule to show. */
export const parseWord = (typed: string): string | undefined =>
  wordForm.test(typed.trim()) ? typed.trim() : undefined;

export const wordRule = 'sorry: 1 to 32 characters without spaces, not beginning with "/"';

export const farewell = 'bye: the server is stopping';

/** The targets in the order in which a room prefers their nodes, whatever their application. */
export function hallsOf(targets: readonly Target[], room: string): Target[] {
  const application = 'room' as Target['application'];
  const order = rendezvous(
    targets.map((target) => ({ ...target, application })),
    room,
  );
  return order.flatMap(({ node }) => targets.filter((target) => target.node === node));
}

/** How many members a hall takes, as its modules' URLs say: `room.js?capacity=50`. */
export const capacityIn = (url: string): number =>
  Number(new URL(url).searchParams.get('capacity') ?? 50);
