/**
 * An actor of another thread as XState logic: `invoke` or `spawn` it, and `sendTo` reaches it. Its
 * end is the end of this: `onDone` when it was done, `onError` when it is lost.
 */
import type { ActorLogic, AnyActorRef, EventObject, Snapshot } from 'xstate';
import { InterplexError } from '../errors.ts';
import type { ActorEnd, ActorReference } from './actor-reference.ts';

export type RemoteActorSnapshot = Snapshot<undefined> & { readonly reference: ActorReference };

interface EndEvent extends EventObject {
  readonly type: 'xstate.interplex.ended';
  readonly end: ActorEnd;
}

/** By the actor that stands for it here, how to watch it no more. */
const unwatch = new WeakMap<object, () => void>();

/** Its input is a reference; every event sent to it is sent on. */
export const remoteActorLogic: ActorLogic<RemoteActorSnapshot, EventObject, ActorReference> = {
  getInitialSnapshot: (_scope, reference) => ({
    status: 'active',
    output: undefined,
    error: undefined,
    reference,
  }),
  start: ({ reference }, { self }) => {
    const stop = reference.watch((end) => {
      const ended: EndEvent = { type: 'xstate.interplex.ended', end };
      self.send(ended);
    });
    unwatch.set(self, stop);
  },
  transition: (snapshot, event, { self }) => {
    if (isEnd(event)) return endOf(snapshot, event.end);
    if (event.type === 'xstate.stop') {
      unwatch.get(self)?.();
      return { ...snapshot, status: 'stopped', error: undefined, output: undefined };
    }
    if (!event.type.startsWith('xstate.')) snapshot.reference.send(event);
    return snapshot;
  },
  // An address is all that lasts; whoever restores it finds the actor again by its name.
  getPersistedSnapshot: (snapshot) => snapshot,
};

/** A reference with the type that XState's `sendTo` asks for; at run time it is enough of one. */
export const targetOf = (reference: ActorReference): AnyActorRef =>
  reference as unknown as AnyActorRef;

const isEnd = (event: EventObject): event is EndEvent => event.type === 'xstate.interplex.ended';

function endOf({ reference }: RemoteActorSnapshot, { address, reason }: ActorEnd) {
  if (reason === 'done') {
    return { status: 'done', output: undefined, error: undefined, reference } as const;
  }
  const sentence = `${address} is no more (${reason}): find it again by its name.`;
  const error = new InterplexError('IPX_ACTOR_LOST', sentence);
  return { status: 'error', output: undefined, error, reference } as const;
}
