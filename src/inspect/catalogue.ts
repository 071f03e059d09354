/** Every machine by the name of its file: what can be drawn. */
import type { AnyStateMachine } from 'xstate';
import { adapterMachine } from '../../actors/messaging/adapter.ts';
import { membershipMachine } from '../../actors/messaging/membership.ts';
import { messengerMachine } from '../../actors/messaging/messenger.ts';
import { pathMachine } from '../../actors/messaging/path.ts';
import { dataPortMachine } from '../../actors/data-port/data-port.ts';
import { failoverMachine } from '../../actors/data-port/failover.ts';
import { logicalConnectionMachine } from '../../actors/data-port/logical-connection.ts';
import { mirrorMachine } from '../../actors/data-port/mirror.ts';
import { resetMachine } from '../../actors/data-port/reset.ts';
import { nodeMachine } from '../../actors/node.ts';
import { incomingTransferMachine } from '../../actors/transfer/incoming-transfer.ts';
import { outgoingTransferMachine } from '../../actors/transfer/outgoing-transfer.ts';
import { routingApplicationMachine } from '../../actors/transfer/routing-application.ts';
import { stackMachine } from '../../actors/transfer/stack.ts';
import { portBlockMachine } from '../../actors/ports/port-block.ts';
import { portLockMachine } from '../../actors/ports/port-lock.ts';
import { portSeatMachine } from '../../actors/ports/port-seat.ts';
import { supervisionMachine } from '../../actors/supervision.ts';
import { targetApplicationMachine } from '../../actors/transfer/target-application.ts';
import { vipaMachine } from '../../actors/vipa.ts';

export const catalogue: ReadonlyMap<string, AnyStateMachine> = new Map<string, AnyStateMachine>([
  ['node', nodeMachine],
  ['stack', stackMachine],
  ['vipa', vipaMachine],
  ['routing-application', routingApplicationMachine],
  ['target-application', targetApplicationMachine],
  ['supervision', supervisionMachine],
  ['port-lock', portLockMachine],
  ['port-block', portBlockMachine],
  ['port-seat', portSeatMachine],
  ['outgoing-transfer', outgoingTransferMachine],
  ['incoming-transfer', incomingTransferMachine],
  ['messenger', messengerMachine],
  ['adapter', adapterMachine],
  ['path', pathMachine],
  ['membership', membershipMachine],
  ['data-port', dataPortMachine],
  ['logical-connection', logicalConnectionMachine],
  ['reset', resetMachine],
  ['failover', failoverMachine],
  ['mirror', mirrorMachine],
]);
