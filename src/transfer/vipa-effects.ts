/** The effects of `vipaMachine`: leases asked for and watched, a listener under each (CT-14). */
import { fromCallback, type EventObject } from 'xstate';
import type { Vipa as VipaContext, VipaEvent } from '../../actors/vipa.ts';
import type { Epoch, VipaName } from '../../actors/vocabulary.ts';
import { openListener } from '../io/listener.ts';
import type { Lease, Leases } from '../ports/coupling-facility.ts';
import type { Stack } from './stack.ts';
import type { Vipa } from './vipa.ts';

interface Args {
  readonly context: VipaContext;
  readonly self: { send(event: VipaEvent): void };
}
export type VipaEffects = ReturnType<typeof vipaEffects>;

export interface VipaWorld {
  readonly stack: Stack;
  readonly leases: Leases;
  readonly vipas: readonly Vipa[];
  /** Descriptors that listen for each VIPA and outlive every node. */
  readonly held: ReadonlyMap<VipaName, number>;
  /** A listener is open, at this port. */
  readonly onOpen: (vipa: VipaName, port: number) => void;
}

export function vipaEffects(world: VipaWorld) {
  const { stack, leases } = world;
  const watches = new Map<VipaName, () => void>();
  const watch = (vipa: VipaName, listener: () => void) => {
    watches.get(vipa)?.();
    watches.set(vipa, leases.watch(vipa, listener));
  };
  const learn = (self: Args['self'], vipa: VipaName, lease: Lease | undefined) => {
    if (!lease) {
      watch(vipa, () => self.send({ type: 'lease.freed' }));
      self.send({ type: 'lease.denied' });
      return;
    }
    const { epoch } = lease;
    watch(vipa, () => {
      if (!leases.isCurrent(lease)) self.send({ type: 'lease.lost', epoch });
    });
    self.send({ type: 'lease.granted', epoch });
  };
  return {
    actors: { listener: listenerOf(world) },
    actions: {
      acquire: ({ context: { vipa }, self }: Args) => {
        void leases.acquire(vipa).then((lease) => learn(self, vipa, lease));
      },
      release: ({ context: { vipa, epoch } }: Args) => {
        watches.get(vipa)?.();
        watches.delete(vipa);
        // Once the step is done, by which XState has closed the listener: not before.
        queueMicrotask(() => void leases.release({ key: vipa, epoch }));
      },
      awaitIdle: ({ context: { vipa }, self }: Args) =>
        stack.clients.whenIdle(vipa, () => self.send({ type: 'clients.gone' })),
    },
  };
}

/** A listener under the lease of one epoch. */
const listenerOf = ({ stack, leases, vipas, held, onOpen }: VipaWorld) =>
  fromCallback<EventObject, { vipa: VipaName; epoch: Epoch }>(
    ({ input: { vipa: name, epoch }, sendBack }) => {
      const vipa = vipas.find((other) => other.name === name);
      if (!vipa) throw new Error(`No VIPA is called "${name}".`);
      const { address, port } = vipa;
      return openListener(
        // Whoever a distributed client goes to reads its first bytes: here they would only travel.
        { address, port, held: held.get(name), isUnread: vipa.distribution !== undefined },
        {
          onOpen: (bound) => {
            onOpen(name, bound);
            sendBack({ type: 'listener.opened', epoch });
          },
          onFailure: (refusal) => sendBack({ type: 'listener.failed', epoch, refusal }),
          onSocket: (socket) => {
            // A former owner acts no more, even before it has heard that it is one.
            if (leases.isCurrent({ key: name, epoch })) stack.accept(vipa, socket);
            else socket.destroy();
          },
        },
      );
    },
  );
