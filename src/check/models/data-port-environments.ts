/** What the effects of a data port's machines are in a model: steps of the end that they are of. */
import type { AnyModelEnvironment } from '../model-actor.ts';
import type { PortStep } from './data-port-end.ts';

const toCell = (name: string) => (step: PortStep) => [
  { to: `${name}.cell`, event: { type: 'step', step } },
];

interface AtPath {
  readonly context: { readonly path: number; readonly dial: number };
}
export function portEnvironment(name: string, isClosed: boolean): AnyModelEnvironment {
  const tell = toCell(name);
  const nothing = () => [];
  return {
    effects: {
      tellPath: nothing,
      tellOpen: () => [{ to: `${name}.cell`, event: { type: 'opened' } }],
      tellInterrupted: nothing,
      tellUnreachable: nothing,
      tellFailedOver: nothing,
      tellStranded: nothing,
      fence: ({ context: { target, epoch } }: { context: { target: string; epoch: number } }) =>
        tell({ do: 'fence', target, epoch }),
      awaitDrained: () => tell({ do: 'drain' }),
      closeSession: () => tell({ do: 'close' }),
      abandonSession: () => tell({ do: 'abandon' }),
    },
    ...(isClosed && { unasked: [{ type: 'close' }] }),
  };
}
export function pathEnvironments(name: string): Readonly<Record<string, AnyModelEnvironment>> {
  const tell = toCell(name);
  const dial = ({ context: { path, dial: number } }: AtPath) =>
    tell({ do: 'dial', path, dial: number });
  return {
    logicalConnection: { effects: { dial } },
    reset: {
      effects: {
        dial,
        hangUp: ({ context }: AtPath) =>
          tell({ do: 'hangUp', path: context.path, dial: context.dial }),
        reroute: ({ context: { path } }: AtPath) => tell({ do: 'reroute', path }),
      },
    },
  };
}
