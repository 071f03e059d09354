/** The public names of `interplex` (AF-10). */
export { startCluster } from './cluster/start-cluster.ts';
export { startNode, type Endpoint, type Node, type NodeOptions } from './cluster/start-node.ts';
export { newClusterKey, newMessenger } from './cluster/new-messenger.ts';
export type { Cluster, NodeVitals } from './cluster/cluster.ts';
export type { ClusterEvents } from './cluster/cluster-events.ts';
export type { ClusterRoute, ClusterVipa } from './cluster/cluster-view.ts';
export type { ClusterOptions, NodeSettings } from './cluster/configuration.ts';
export type { ApplicationFailure } from './cluster/node-world.ts';
export type { ThreadEnd } from './cluster/node-thread.ts';
export type { Figures as NodeHealth } from './cluster/vital-signs.ts';
export type {
  DefinedVipa,
  DistributedVipa,
  RangeVipa,
  VipaSettings,
} from './cluster/vipa-settings.ts';
export type * from './data-port/names.ts';
export type * from './messaging/names.ts';
export { InterplexError, type ErrorCode } from './errors.ts';
export type { ActorReference, Asked } from './runtime/actor-reference.ts';
export type { NodeActors } from './runtime/node-actors.ts';
export type { LogOptions } from './runtime/log.ts';
export type { Client } from './transfer/client.ts';
export type { ApplicationNode } from './transfer/application-node.ts';
export { answerRequest, peekHead, type RequestHead } from './transfer/http-head.ts';
export type { Measure, ReadOptions } from './transfer/reader.ts';
export { rendezvous } from './transfer/rendezvous.ts';
export { routingApplication, type RouteContext } from './transfer/routing-role.ts';
export type { RoutingApplication, RoutingFunction } from './transfer/routing-role.ts';
export type { Route } from './transfer/routing-table.ts';
export { accept, reject, targetApplication, type Decision } from './transfer/target-role.ts';
export type { Offer, ServeContext, ServeFunction } from './transfer/target-role.ts';
export type { TargetApplication, TargetDefinition } from './transfer/target-role.ts';
export { contextOf, serveWith, type ServerContext } from './transfer/server-target.ts';
export { peekClientHello, type ClientHello } from './transfer/tls-hello.ts';
export type { TransferPlan, TransferResult } from './transfer/transfer-requests.ts';
export type { Attempt, CarrierName, ConnectionDescription } from '../actors/vocabulary.ts';
export type { Refusal, Target } from '../actors/vocabulary.ts';
