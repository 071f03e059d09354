/** Where machines meet the world: each gets its effects here, and none starts without all. */
import { adapterMachine } from '../../actors/messaging/adapter.ts';
import { membershipMachine } from '../../actors/messaging/membership.ts';
import { messengerMachine } from '../../actors/messaging/messenger.ts';
import { pathMachine } from '../../actors/messaging/path.ts';
import { incomingTransferMachine } from '../../actors/transfer/incoming-transfer.ts';
import { nodeMachine } from '../../actors/node.ts';
import { outgoingTransferMachine } from '../../actors/transfer/outgoing-transfer.ts';
import { portBlockMachine } from '../../actors/ports/port-block.ts';
import { portLockMachine } from '../../actors/ports/port-lock.ts';
import { portSeatMachine } from '../../actors/ports/port-seat.ts';
import { routingApplicationMachine } from '../../actors/transfer/routing-application.ts';
import { stackMachine } from '../../actors/transfer/stack.ts';
import { targetApplicationMachine } from '../../actors/transfer/target-application.ts';
import { supervisionMachine } from '../../actors/supervision.ts';
import { isUnprovided } from '../../actors/unprovided.ts';
import { vipaMachine } from '../../actors/vipa.ts';
import { InterplexError } from '../errors.ts';
import type { PortBlockEffects } from '../ports/leased-blocks.ts';
import type { PortSeatEffects } from '../ports/host-seat.ts';
import type { PortLockEffects } from '../ports/pool-lock.ts';
import type { MessengerEffects } from '../messaging/messenger-world.ts';
import type { AdapterEffects } from '../messaging/own-adapters.ts';
import type { MembershipEffects } from '../messaging/peers.ts';
import type { PathEffects } from '../messaging/ways.ts';
import type { SupervisionEffects } from '../runtime/supervisor.ts';
import type { ApplicationHosts } from '../transfer/application-hosts.ts';
import type { IncomingTransfers } from '../transfer/incoming-transfers.ts';
import type { OutgoingEffects } from '../transfer/outgoing-effects.ts';
import type { StackEffects } from '../transfer/stack-effects.ts';
import type { VipaEffects } from '../transfer/vipa-effects.ts';

type Logics = Pick<NonNullable<Parameters<typeof nodeMachine.provide>[0]>, 'actors'>['actors'];

/** The transfer's giving side, with its effects. */
export const outgoingTransferLogic = (effects: OutgoingEffects) =>
  complete(outgoingTransferMachine.provide({ actions: effects }));

/** The transfer's taking side, with its effects. */
export const incomingTransferLogic = (effects: IncomingTransfers['effects']) =>
  complete(incomingTransferMachine.provide({ actions: effects }));

/** A VIPA at one node, with its effects. */
export const vipaLogic = ({ actions, actors }: VipaEffects) =>
  complete(vipaMachine.provide({ actions, actors }));

/** A stack with its effects, over the logic of its VIPAs. */
export const stackLogic = (actions: StackEffects, vipa: typeof vipaMachine) =>
  complete(stackMachine.provide({ actions, actors: { vipa } }));

/** A routing application with its effects. */
export const routingApplicationLogic = (effects: ApplicationHosts['routingEffects']) =>
  complete(routingApplicationMachine.provide({ actions: effects }));

/** A target application with its effects. */
export const targetApplicationLogic = (effects: ApplicationHosts['targetEffects']) =>
  complete(targetApplicationMachine.provide({ actions: effects }));

/** The supervision of an actor or a node, with its effects. */
export const supervisionLogic = (effects: SupervisionEffects) =>
  complete(supervisionMachine.provide({ actions: { ...effects } }));

/** The lock of a pool of source ports at one stack, with its effects. */
export const portLockLogic = (effects: PortLockEffects) =>
  complete(portLockMachine.provide({ actions: { ...effects } }));

/** A process at the ports that its host shares, with its effects. */
export const portSeatLogic = (effects: PortSeatEffects) =>
  complete(portSeatMachine.provide({ actions: { ...effects } }));

/** A block of source ports at the stack that leases it, with its effects. */
export const portBlockLogic = (effects: PortBlockEffects) =>
  complete(portBlockMachine.provide({ actions: { ...effects } }));

/** A node's messenger, with its effects. */
export const messengerLogic = (effects: MessengerEffects) =>
  complete(messengerMachine.provide({ actions: { ...effects } }));

/** One address of a messenger, with its effects. */
export const adapterLogic = ({ actions, actors }: AdapterEffects) =>
  complete(adapterMachine.provide({ actions, actors }));

/** The way to one adapter of a peer, with its effects. */
export const pathLogic = (effects: PathEffects) =>
  complete(pathMachine.provide({ actions: { ...effects } }));

/** What is thought of one peer, with its effects. */
export const membershipLogic = (effects: MembershipEffects) =>
  complete(membershipMachine.provide({ actions: { ...effects } }));

/** A node over the logics of its stack and its applications. */
export const nodeLogic = (actors: NonNullable<Logics>) => complete(nodeMachine.provide({ actors }));

/** The machine's parts that may hold placeholders. */
interface Machine {
  readonly id: string;
  readonly implementations: {
    readonly actions: object;
    readonly actors: object;
    readonly guards: object;
    readonly delays: object;
  };
}

/** Throws IPX_EFFECT_UNPROVIDED while an effect of the machine is a placeholder (AF-2). */
export function complete<M extends Machine>(machine: M): M {
  const { actions, actors, guards, delays } = machine.implementations;
  const missing = Object.entries({ ...actions, ...actors, ...guards, ...delays })
    .filter(([, implementation]) => isUnprovided(implementation))
    .map(([name]) => name);
  if (missing.length === 0) return machine;
  throw new InterplexError(
    'IPX_EFFECT_UNPROVIDED',
    `The machine "${machine.id}" lacks the effects ${missing.join(', ')}: provide each of them.`,
  );
}
