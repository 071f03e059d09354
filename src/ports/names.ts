/** The public names of source ports. */
export type { PortConflict } from '../cluster/node-ports.ts';
export type { SharedPorts, SharedPortsSettings } from '../cluster/port-settings.ts';
export type { NodeDestination } from '../cluster/told-ports.ts';
export type { PortHolding, PortPool } from './pool-figures.ts';
export type { PortLease } from './port-lease.ts';
export type { BindOptions, ConnectOptions, LeaseOptions, SourcePorts } from './source-ports.ts';
