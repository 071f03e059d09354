/** Every machine by the name of its file: what can be drawn. */
import type { AnyStateMachine } from 'xstate';
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
  ['outgoing-transfer', outgoingTransferMachine],
  ['incoming-transfer', incomingTransferMachine],
  ['data-port', dataPortMachine],
  ['logical-connection', logicalConnectionMachine],
  ['reset', resetMachine],
  ['failover', failoverMachine],
  ['mirror', mirrorMachine],
]);
