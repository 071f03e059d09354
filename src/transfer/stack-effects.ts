/** The effects of `stackMachine`. */
import type { StackEvent } from '../../actors/transfer/stack.ts';
import type { Stack } from './stack.ts';

interface Args {
  readonly self: { send(event: StackEvent): void };
}
export type StackEffects = ReturnType<typeof stackEffects>;

export const stackEffects = (stack: Stack) => ({
  awaitTransfers: ({ self }: Args) =>
    stack.whenSettled(() => self.send({ type: 'transfers.settled' })),
  closeClients: () => stack.clients.closeAll(),
});
