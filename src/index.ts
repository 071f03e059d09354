/** The public names of `interplex` (AF-10). */
export { startCluster } from './cluster/start-cluster.ts';
export { startNode, type Node, type NodeOptions } from './cluster/start-node.ts';
export type { Cluster, ClusterEvents, ClusterRoute, ClusterVipa } from './cluster/cluster.ts';
export type { ClusterOptions, NodeSettings, VipaSettings } from './cluster/configuration.ts';
export type { ApplicationFailure, Endpoint } from './cluster/node-runtime.ts';
export type { ThreadEnd } from './cluster/node-thread.ts';
export type { NodeHealth } from './cluster/node-worker.ts';
export { InterplexError, type ErrorCode } from './errors.ts';
export type { ActorDirectory, ActorReference, EventReceiver } from './runtime/actor-directory.ts';
export type { LogOptions } from './runtime/log.ts';
export type { Client } from './transfer/client.ts';
export type { ApplicationNode } from './transfer/conversation.ts';
export type { ReadOptions } from './transfer/reader.ts';
export { rendezvous } from './transfer/rendezvous.ts';
export {
  routingApplication,
  type RouteContext,
  type RoutingApplication,
  type RoutingFunction,
} from './transfer/routing-role.ts';
export type { Route } from './transfer/routing-table.ts';
export {
  accept,
  reject,
  targetApplication,
  type Decision,
  type Offer,
  type ServeContext,
  type TargetApplication,
  type TargetDefinition,
} from './transfer/target-role.ts';
export type { TransferPlan, TransferResult } from './transfer/transfer-requests.ts';
export type {
  Attempt,
  CarrierName,
  ConnectionDescription,
  Refusal,
  Target,
} from '../actors/vocabulary.ts';
