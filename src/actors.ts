/**
 * The public names of `interplex/actors`: every machine as a value, and beside it the logic
 * creator that gives it its effects, for `invoke` and `spawn` in users' machines (AF-6).
 */
export { nodeMachine, type NodeEvent, type NodeOutput } from '../actors/node.ts';
export { environment } from '../actors/environment.ts';
export {
  incomingTransferMachine,
  type IncomingTransfer,
  type IncomingTransferEvent,
} from '../actors/transfer/incoming-transfer.ts';
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
  complete,
  incomingTransferLogic,
  nodeLogic,
  outgoingTransferLogic,
  portBlockLogic,
  portLockLogic,
  routingApplicationLogic,
  stackLogic,
  supervisionLogic,
  targetApplicationLogic,
  vipaLogic,
} from './cluster/provide.ts';
export type { ActorEnd, AskOptions } from './runtime/actor-reference.ts';
export type { ActorContext, ActorFunction, EventReceiver } from './runtime/behaviours.ts';
export type { DeadLetter, DeadLetterReason, DeadLetters } from './runtime/dead-letters.ts';
export type { MailboxOptions, OverflowPolicy } from './runtime/mailbox.ts';
export type { MailboxFigures, RegisterOptions, SpawnOptions } from './runtime/node-actors.ts';
export type { ActorsListener, ActorWish } from './runtime/receptionist.ts';
export { remoteActorLogic, targetOf, type RemoteActorSnapshot } from './runtime/remote-actor.ts';
export type { SupervisionOptions } from './runtime/supervisor.ts';
export { transferLogic, type TransferInput } from './transfer/transfer-logic.ts';
