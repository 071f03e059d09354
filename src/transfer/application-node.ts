/** The node that an application runs at: all that it may ask of it. */
import type { Logger } from 'pino';
import type { Member } from '../messaging/events.ts';
import type { AddressTableView, Messenger } from '../messaging/messenger.ts';
import type { SourcePorts } from '../ports/source-ports.ts';
import type { NodeActors } from '../runtime/node-actors.ts';
import type { AcceptedPorts, AcceptFunction } from '../data-port/data-ports.ts';
import type { OpenDataPortOptions } from '../data-port/open-options.ts';
import type { DataPort } from '../data-port/port.ts';
import type { RangeBinding, RangeBindOptions } from './range-bindings.ts';

/** The node that an application runs at, as the application sees it. */
export interface ApplicationNode {
  readonly id: string;
  /** Of the worker thread; 0 in the main thread. */
  readonly threadId: number;
  readonly log: Logger;
  readonly actors: NodeActors;
  /** Messages to and from all nodes of the cluster, in whichever process (CM-1). */
  readonly messenger: Messenger;
  /** All nodes of the cluster and their addresses, the same at each of them (CM-2). */
  readonly addressTable: AddressTableView;
  /** The other nodes, as this one sees them (CM-6). */
  members(): readonly Member[];
  /** Source ports of addresses that all nodes share: connections that cannot clash (SP-1). */
  readonly ports: SourcePorts;
  /** Listens on an address of a VIPA range, owned by this node from then on (SP-8). */
  bindAddress(options: RangeBindOptions): Promise<RangeBinding>;
  /** Opens a data port to another node (DP-1). */
  openDataPort(options: OpenDataPortOptions): Promise<DataPort>;
  /** Accepts data ports of a service from other nodes. */
  acceptDataPorts(service: string, handler: AcceptFunction): Promise<AcceptedPorts>;
}
