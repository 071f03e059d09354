/** An actor of another thread as XState logic: `invoke` or `spawn` it, and `sendTo` reaches it. */
import type { ActorLogic, EventObject, Snapshot } from 'xstate';
import type { ActorReference } from './actor-directory.ts';

export type RemoteActorSnapshot = Snapshot<undefined> & { readonly reference: ActorReference };

/** Its input is a reference that `actors.find(name)` gave; every event sent to it is sent on. */
export const remoteActorLogic: ActorLogic<RemoteActorSnapshot, EventObject, ActorReference> = {
  getInitialSnapshot: (_scope, reference) => ({
    status: 'active',
    output: undefined,
    error: undefined,
    reference,
  }),
  transition: (snapshot, event) => {
    if (!event.type.startsWith('xstate.')) snapshot.reference.send(event);
    return snapshot;
  },
  // An address is all that lasts; whoever restores it finds the actor again by its name.
  getPersistedSnapshot: (snapshot) => snapshot,
};
