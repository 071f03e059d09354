/**
 * The public names of `interplex/actors`: every machine as a value, and beside it the logic
 * creator that gives it its effects, for `invoke` and `spawn` in users' machines (AF-6).
 */
export { nodeMachine, type NodeEvent, type NodeOutput } from '../actors/node.ts';
export { dataPortMachine } from '../actors/data-port/data-port.ts';
export type {
  DataPortEvent,
  DataPortInput,
  DataPortOutput,
} from '../actors/data-port/port-knowledge.ts';
export {
  failoverMachine,
  type FailoverEvent,
  type FailoverInput,
} from '../actors/data-port/failover.ts';
export {
  logicalConnectionMachine,
  type LogicalConnectionEvent,
  type LogicalConnectionInput,
} from '../actors/data-port/logical-connection.ts';
export { resetMachine, type ResetEvent, type ResetInput } from '../actors/data-port/reset.ts';
export { environment } from '../actors/environment.ts';
export {
  incomingTransferMachine,
  type IncomingTransfer,
  type IncomingTransferEvent,
} from '../actors/transfer/incoming-transfer.ts';
export {
  mirrorMachine,
  type History,
  type Mirror,
  type MirrorEvent,
  type MirrorInput,
  type MirrorLimits,
} from '../actors/data-port/mirror.ts';
export {
  adapterMachine,
  type Adapter,
  type AdapterEvent,
  type AdapterInput,
} from '../actors/messaging/adapter.ts';
export {
  membershipMachine,
  type MembershipEvent,
  type MembershipInput,
} from '../actors/messaging/membership.ts';
export {
  messengerMachine,
  type MessengerEvent,
  type MessengerInput,
} from '../actors/messaging/messenger.ts';
export {
  pathMachine,
  type Path,
  type PathEvent,
  type PathInput,
} from '../actors/messaging/path.ts';
export {
  outgoingTransferMachine,
  type OutgoingTransfer,
  type OutgoingTransferEvent,
  type OutgoingTransferInput,
  type OutgoingTransferResult,
} from '../actors/transfer/outgoing-transfer.ts';
export {
  routingApplicationMachine,
  type Application,
  type ApplicationEvent,
} from '../actors/transfer/routing-application.ts';
export {
  supervisionMachine,
  type SupervisionEvent,
  type SupervisionInput,
} from '../actors/supervision.ts';
export { stackMachine, type StackEvent } from '../actors/transfer/stack.ts';
export {
  targetApplicationMachine,
  type TargetApplicationEvent,
} from '../actors/transfer/target-application.ts';
export { portBlockMachine, type PortBlockEvent } from '../actors/ports/port-block.ts';
export {
  portLockMachine,
  type PortLock,
  type PortLockEvent,
  type PortLockOutcome,
} from '../actors/ports/port-lock.ts';
export { portSeatMachine, type PortSeatEvent } from '../actors/ports/port-seat.ts';
export { isUnprovided, unprovided, unprovidedActor } from '../actors/unprovided.ts';
export {
  vipaMachine,
  type EndpointDuty,
  type Takeback,
  type Vipa,
  type VipaEvent,
  type VipaInput,
} from '../actors/vipa.ts';
export { nodeActorLogic, type NodeActorEvent } from './cluster/node-actor.ts';
export {
  adapterLogic,
  complete,
  incomingTransferLogic,
  membershipLogic,
  messengerLogic,
  nodeLogic,
  outgoingTransferLogic,
  portBlockLogic,
  portLockLogic,
  portSeatLogic,
  pathLogic,
  routingApplicationLogic,
  stackLogic,
  supervisionLogic,
  targetApplicationLogic,
  vipaLogic,
} from './cluster/provide.ts';
export {
  dataPortMachineLogic,
  logicalConnectionLogic,
  resetLogic,
} from './cluster/provide-data-port.ts';
export {
  dataPortLogic,
  type DataPortCommand,
  type DataPortLogicInput,
  type DataPortReport,
} from './data-port/data-port-logic.ts';
export type { ActorEnd, AskOptions } from './runtime/actor-reference.ts';
export type { ActorContext, ActorFunction, EventReceiver } from './runtime/behaviours.ts';
export type { DeadLetter, DeadLetterReason, DeadLetters } from './runtime/dead-letters.ts';
export type { MailboxOptions, OverflowPolicy } from './runtime/mailbox.ts';
export type { MailboxFigures, RegisterOptions, SpawnOptions } from './runtime/node-actors.ts';
export type { ActorsListener, ActorWish } from './runtime/receptionist.ts';
export { remoteActorLogic, targetOf, type RemoteActorSnapshot } from './runtime/remote-actor.ts';
export type { SupervisionOptions } from './runtime/supervisor.ts';
export { transferLogic, type TransferInput } from './transfer/transfer-logic.ts';
export { mirrorMachineLogic } from './cluster/mirrors.ts';
export { mirrorLogic, type MirrorCommand, type MirrorReport } from './cluster/mirror-logic.ts';
