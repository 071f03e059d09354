/** The effects of the machines of one port: its session, its carriers, its clients. */
import type {
  DataPort as PortContext,
  DataPortEvent,
} from '../../actors/data-port/port-knowledge.ts';
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

/** The effects of a port and of its paths. */
export const portEffects = (world: PortWorld) => ({
  port: { ...noticesOf(world), ...endsOf(world), ...fenceOf(world) },
  path: {
    dial: ({ context, self }: PathArgs) => world.carriers.dial(orderOf(context, self)),
  },
  reset: resetsOf(world),
  delays: {
    backoff: ({ context }: { context: Reset }) =>
      backoffOf(context) * (1 + world.random() * limits.redialJitter),
  },
});

/** What clients are told of. */
const noticesOf = ({ clients }: PortWorld) => {
  const tell =
    (type: 'port.open' | 'port.interrupted' | 'port.stranded') =>
    ({ context: { target } }: PortArgs) =>
      clients.tell({ type, target });
  return {
    tellPath: ({ context: { target }, event }: PortArgs) => {
      if (isPathEvent(event)) clients.tell({ type: event.type, path: event.path, target });
    },
    tellOpen: tell('port.open'),
    tellInterrupted: tell('port.interrupted'),
    tellStranded: tell('port.stranded'),
    tellUnreachable: ({ context: { target, backups } }: PortArgs) =>
      clients.tell({ type: 'target.unreachable', target, backups }),
  };
};

const fenceOf = ({ session, clients, aim }: PortWorld) => {
  let replayed = 0;
  return {
    fence: ({ context: { target, epoch } }: PortArgs) => {
      aim(target, epoch);
      replayed = session.fence(epoch);
    },
    tellFailedOver: ({ context: { target, epoch } }: PortArgs) =>
      clients.tell({ type: 'port.failedOver', target, epoch, replayed }),
  };
};

const endsOf = ({ session, carriers, clients }: PortWorld) => {
  const end = (error: InterplexError, isPolite: boolean) => {
    carriers.closeAll();
    const lost = session.close(error, isPolite);
    if (lost.messages > 0) clients.tell({ type: 'messages.lost', ...lost });
  };
  return {
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
  };
};

/** The logical connection of a reset is told, since it outlives it. */
const resetsOf = ({ session, carriers, clients, target }: PortWorld) => ({
  dial: ({ context, self }: ResetArgs) => carriers.dial(orderOf(context, self._parent)),
  hangUp: ({ context, self }: ResetArgs) => carriers.hangUp(orderOf(context, self._parent)),
  reroute: ({ context, self }: ResetArgs) => {
    if (!carriers.isCurrent(orderOf(context, self._parent))) return;
    const { path } = context;
    session.reroute(path);
    clients.tell({ type: 'path.reset', path, target: target() });
  },
});

const orderOf = ({ path, dial }: PathArgs['context'], owner: Hearer | undefined) => {
  return { path, dial, owner, tell: (event: PathEvent) => owner?.send(event) };
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
