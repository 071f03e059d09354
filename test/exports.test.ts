/**
 * Goal: what users can import changes only on purpose.
 * Method: the lists are pinned, of values and of types; `npm test -- exports -u` writes them anew,
 * and whoever does so says in the same commit what came or went.
 */
// tidy: function-size: the pinned lists stand where they are compared.
import { describe, expect, test } from 'vitest';

import { exportsOf } from './support/tidy/syntax.ts';
import { readText } from './support/tidy/tree.ts';

const listOf = (path: string) =>
  exportsOf({ path, text: readText(path) })
    .map(({ name }) => name)
    .toSorted();

describe('the public names', () => {
  test('of interplex', () =>
    expect(listOf('src/index.ts')).toMatchInlineSnapshot(`
      [
        "ActorReference",
        "ApplicationFailure",
        "ApplicationNode",
        "Asked",
        "Attempt",
        "CarrierName",
        "Client",
        "ClientHello",
        "Cluster",
        "ClusterEvents",
        "ClusterOptions",
        "ClusterRoute",
        "ClusterVipa",
        "ConnectionDescription",
        "Decision",
        "DefinedVipa",
        "DistributedVipa",
        "Endpoint",
        "ErrorCode",
        "InterplexError",
        "LogOptions",
        "Measure",
        "Node",
        "NodeActors",
        "NodeHealth",
        "NodeOptions",
        "NodeSettings",
        "NodeVitals",
        "Offer",
        "RangeVipa",
        "ReadOptions",
        "Refusal",
        "RequestHead",
        "Route",
        "RouteContext",
        "RoutingApplication",
        "RoutingFunction",
        "ServeContext",
        "ServeFunction",
        "ServerContext",
        "Target",
        "TargetApplication",
        "TargetDefinition",
        "ThreadEnd",
        "TransferPlan",
        "TransferResult",
        "VipaSettings",
        "accept",
        "answerRequest",
        "contextOf",
        "peekClientHello",
        "peekHead",
        "reject",
        "rendezvous",
        "routingApplication",
        "serveWith",
        "startCluster",
        "startNode",
        "targetApplication",
      ]
    `));
  test('of interplex/actors', () =>
    expect(listOf('src/actors.ts')).toMatchInlineSnapshot(`
      [
        "ActorContext",
        "ActorEnd",
        "ActorFunction",
        "ActorWish",
        "ActorsListener",
        "Application",
        "ApplicationEvent",
        "AskOptions",
        "DeadLetter",
        "DeadLetterReason",
        "DeadLetters",
        "EndpointDuty",
        "EventReceiver",
        "IncomingTransfer",
        "IncomingTransferEvent",
        "MailboxFigures",
        "MailboxOptions",
        "NodeActorEvent",
        "NodeEvent",
        "NodeOutput",
        "OutgoingTransfer",
        "OutgoingTransferEvent",
        "OutgoingTransferInput",
        "OutgoingTransferResult",
        "OverflowPolicy",
        "RegisterOptions",
        "RemoteActorSnapshot",
        "SpawnOptions",
        "StackEvent",
        "SupervisionEvent",
        "SupervisionInput",
        "SupervisionOptions",
        "Takeback",
        "TargetApplicationEvent",
        "TransferInput",
        "Vipa",
        "VipaEvent",
        "VipaInput",
        "complete",
        "environment",
        "incomingTransferLogic",
        "incomingTransferMachine",
        "isUnprovided",
        "nodeActorLogic",
        "nodeLogic",
        "nodeMachine",
        "outgoingTransferLogic",
        "outgoingTransferMachine",
        "remoteActorLogic",
        "routingApplicationLogic",
        "routingApplicationMachine",
        "stackLogic",
        "stackMachine",
        "supervisionLogic",
        "supervisionMachine",
        "targetApplicationLogic",
        "targetApplicationMachine",
        "targetOf",
        "transferLogic",
        "unprovided",
        "unprovidedActor",
        "vipaLogic",
        "vipaMachine",
      ]
    `));
  test('of interplex/check', () =>
    expect(listOf('src/check/index.ts')).toMatchInlineSnapshot(`
    [
      "Coverage",
      "Effect",
      "EnvironmentOf",
      "Exploration",
      "ExploreOptions",
      "Outstanding",
      "ReachOptions",
      "State",
      "Step",
      "explore",
      "outOfReach",
    ]
  `));
});

test.each([
  ['interplex', 'src/index.ts'],
  ['interplex/actors', 'src/actors.ts'],
  ['interplex/check', 'src/check/index.ts'],
])('%s holds no value that its list does not name', async (name, path) => {
  const loaded = (await import(name)) as object;
  expect(listOf(path)).toEqual(expect.arrayContaining(Object.keys(loaded)));
});
