/** The effects of the machines of one port: its session, its carriers, its clients. */
import type { DataPort as PortContext, DataPortEvent } from '../../actors/data-port/data-port.ts';
import { backoffOf, type Reset } from '../../actors/data-port/reset.ts';
import { limits } from '../limits.ts';
import { InterplexError, isErrorCode } from '../errors.ts';
import type { Carriers, PathEvent } from './carriers.ts';
import type { PortClients, PortEvent } from './port-events.ts';
import type { Session } from './session.ts';

interface PortArgs {
  readonly context: PortContext;
  readonly event: DataPortEvent;
  readonly self: { send(event: DataPortEvent): void };
}
interface Hearer {
  send(event: PathEvent): void;
}
interface PathArgs {
  readonly context: { readonly path: number; readonly dial: number };
  readonly self: Hearer;
}
interface ResetArgs extends Pick<PathArgs, 'context'> {
  readonly self: { readonly _parent?: Hearer | undefined };
}
export interface PortWorld {
  readonly session: Session;
  readonly carriers: Carriers;
  readonly clients: PortClients;
  /** Another target: whoever dials must know. */
  readonly aim: (target: string, epoch: number) => void;
  readonly target: () => string;
  readonly random: () => number;
}
export type PortEffects = ReturnType<typeof portEffects>;

export function portEffects({ session, carriers, clients, aim, target, random }: PortWorld) {
  let replayed = 0;
  const end = (error: InterplexError, isPolite: boolean) => {
    carriers.closeAll();
    const lost = session.close(error, isPolite);
    if (lost.messages > 0) clients.tell({ type: 'messages.lost', ...lost });
  };
  const tell =
    (type: 'port.open' | 'port.interrupted' | 'port.stranded') =>
    ({ context }: PortArgs) =>
      clients.tell({ type, target: context.target });
  return {
    delays: {
      backoff: ({ context }: { context: Reset }) =>
        backoffOf(context) * (1 + random() * limits.redialJitter),
    },
    port: {
      tellPath: ({ context, event }: PortArgs) => {
        if (!isPathEvent(event)) return;
        clients.tell({ type: event.type, path: event.path, target: context.target });
      },
      tellOpen: tell('port.open'),
      tellInterrupted: tell('port.interrupted'),
      tellStranded: tell('port.stranded'),
      tellUnreachable: ({ context: { target: node, backups } }: PortArgs) =>
        clients.tell({ type: 'target.unreachable', target: node, backups }),
      tellFailedOver: ({ context: { target: node, epoch } }: PortArgs) =>
        clients.tell({ type: 'port.failedOver', target: node, epoch, replayed }),
      fence: ({ context: { target: node, epoch } }: PortArgs) => {
        aim(node, epoch);
        replayed = session.fence(epoch);
      },
      awaitDrained: ({ self }: PortArgs) =>
        session.whenDrained(() => self.send({ type: 'session.drained' })),
      closeSession: () => {
        end(new InterplexError('IPX_PORT_CLOSED', closedSentence), true);
        clients.tell({ type: 'port.closed' });
      },
      abandonSession: ({ context: { refusal } }: PortArgs) => {
        const code = isErrorCode(refusal.code) ? refusal.code : 'IPX_PORT_LOST';
        end(new InterplexError(code, refusal.reason), false);
        clients.tell({ type: 'port.failed', ...refusal });
      },
    },
    path: {
      dial: ({ context, self }: PathArgs) => carriers.dial(orderOf(context, self)),
    },
    /** Its logical connection is told, which outlives it. */
    reset: {
      dial: ({ context, self }: ResetArgs) => carriers.dial(orderOf(context, self._parent)),
      hangUp: ({ context, self }: ResetArgs) => carriers.hangUp(orderOf(context, self._parent)),
      reroute: ({ context: { path } }: ResetArgs) => {
        session.reroute(path);
        clients.tell({ type: 'path.reset', path, target: target() });
      },
    },
  };
}

const orderOf = ({ path, dial }: PathArgs['context'], hearer: Hearer | undefined) => {
  return { path, dial, tell: (event: PathEvent) => hearer?.send(event) };
};

const closedSentence =
  'The port was closed before this was known to be applied: await what you send, then close it.';

type PathNotice = Extract<
  PortEvent,
  { type: 'path.up' | 'path.down' | 'path.suspected' | 'path.trusted' }
>['type'];
const isPathEvent = (
  event: DataPortEvent,
): event is DataPortEvent & { type: PathNotice; path: number } =>
  event.type.startsWith('path.') && 'path' in event;
