/** What a messenger has of the world: its clock, its sockets, its randomness and its machines. */
import type { adapterMachine } from '../../actors/messaging/adapter.ts';
import type { membershipMachine } from '../../actors/messaging/membership.ts';
import type { messengerMachine } from '../../actors/messaging/messenger.ts';
import type { pathMachine } from '../../actors/messaging/path.ts';
import type { OpenDatagramSocket } from '../io/udp.ts';
import type { Sight } from '../runtime/sight.ts';
import type { Clock } from './clock.ts';
import type { AdapterEffects } from './own-adapters.ts';
import type { MembershipEffects } from './peers.ts';
import type { RouteInstaller } from './routes.ts';
import type { PathEffects } from './ways.ts';

export interface MessengerEffects {
  readonly openAdapters: () => void;
  readonly join: () => void;
  readonly sayGoodbye: () => void;
  readonly closeAdapters: () => void;
}
/** The machines with their effects, made where effects are provided. */
export interface MessagingLogics {
  readonly path: (effects: PathEffects) => typeof pathMachine;
  readonly membership: (effects: MembershipEffects) => typeof membershipMachine;
  readonly messenger: (effects: MessengerEffects) => typeof messengerMachine;
  readonly adapter: (effects: AdapterEffects) => typeof adapterMachine;
}
export interface MessengerWorld {
  readonly clock: Clock;
  readonly openSocket: OpenDatagramSocket;
  readonly randomBytes: (count: number) => Uint8Array;
  /** From 0, less than 1. */
  readonly random: () => number;
  readonly logics: MessagingLogics;
  readonly routeInstaller?: RouteInstaller;
  readonly sight: Sight;
}
