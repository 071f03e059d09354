/** The effects of `stackMachine`: listeners that live as long as their endpoint is granted. */
import { fromCallback, type EventObject } from 'xstate';
import type { StackEvent } from '../../actors/transfer/stack.ts';
import type { VipaName } from '../../actors/vocabulary.ts';
import { openListener } from '../io/listener.ts';
import type { Stack, Vipa } from './stack.ts';

interface Args {
  readonly self: { send(event: StackEvent): void };
}
export type StackEffects = ReturnType<typeof stackEffects>;

/** `onOpen` is told the port that a listener got. */
export function stackEffects(
  stack: Stack,
  vipas: readonly Vipa[],
  onOpen: (vipa: Vipa, port: number) => void,
) {
  const listener = fromCallback<EventObject, { vipa: VipaName }>(({ input, sendBack }) => {
    const vipa = vipas.find(({ name }) => name === input.vipa);
    if (!vipa) throw new Error(`No VIPA is called "${input.vipa}".`);
    return openListener(vipa, {
      onOpen: (port) => {
        onOpen(vipa, port);
        sendBack({ type: 'listener.opened', vipa: vipa.name });
      },
      onFailure: (refusal) => sendBack({ type: 'listener.failed', vipa: vipa.name, refusal }),
      onSocket: (socket) => stack.accept(vipa, socket),
    });
  });
  return {
    actors: { listener },
    actions: {
      awaitTransfers: ({ self }: Args) =>
        stack.whenSettled(() => self.send({ type: 'transfers.settled' })),
      closeClients: () => stack.clients.closeAll(),
    },
  };
}
