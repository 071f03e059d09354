/** What one node is given by whoever runs it: in a thread of its own, or in the caller's. */
import type { MessagePort } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { NodeId, VipaName } from '../../actors/vocabulary.ts';
import type { InterplexError } from '../errors.ts';
import type { Member } from '../messaging/events.ts';
import type { WantPorts } from '../ports/host-words.ts';
import type { OpenDatagramSocket } from '../io/udp.ts';
import type { RouteInstaller } from '../messaging/routes.ts';
import type { ApplicationModule } from '../transfer/application-module.ts';
import type { Configuration } from './configuration.ts';
import type { SharedMemory } from './shared-memory.ts';

/** An application's code has thrown where the application did not catch it. */
export interface ApplicationFailure {
  readonly node: string;
  readonly application: string;
  readonly code: string;
  readonly reason: string;
}

export interface NodeRuntimeOptions {
  readonly id: NodeId;
  readonly configuration: Configuration;
  readonly memory: SharedMemory;
  /** Descriptors that listen for each VIPA and outlive every node. */
  readonly held: ReadonlyMap<VipaName, number>;
  /** The nodes that live at its start, itself among them. */
  readonly living: readonly NodeId[];
  readonly log: Logger;
  /** To the inspector, if there is one (AF-7). */
  readonly inspection?: MessagePort | undefined;
  /** Where its thread may be killed, sockets of another one. Default: its own. */
  readonly openSocket?: OpenDatagramSocket;
  /** Likewise, who puts its routes into the kernel. */
  readonly routeInstaller?: RouteInstaller;
  /** Asks whoever has this process's seats at its host for more source ports. Default: none. */
  readonly wantPorts?: WantPorts;
  /** Modules that are at hand already; others are imported. */
  readonly modules?: ReadonlyMap<string, ApplicationModule>;
  readonly onFailure: (failure: ApplicationFailure) => void;
  /** A VIPA is owned here from now on, at this port. */
  readonly onOpen: (vipa: VipaName, port: number) => void;
  /** A node of another process is seen otherwise than before. */
  readonly onMember?: (member: Member) => void;
  /** An actor's crash is the node's. Default: it is uncaught, and ends the thread. */
  readonly onEscalate?: (error: InterplexError) => void;
}
