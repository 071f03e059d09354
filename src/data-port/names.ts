/** The public names of data ports, which `interplex` exports. */
export type { DataPortSettings } from '../cluster/node-data-ports.ts';
export type { NodeAddress } from './address-book.ts';
export type { ChannelSettings } from './channels.ts';
export type { AcceptedPorts } from './data-ports.ts';
export type { OpenDataPortOptions } from './open-options.ts';
export type { DataPort, PathFigures, SendOptions as PortSendOptions } from './port.ts';
export type { PortClient, PortEvent } from './port-events.ts';
export type { MessageContext, ReceiveFunction, ReceiveOptions } from './receive-channel.ts';
export type { Mirror, MirrorEvent, MirrorFigures } from './mirror.ts';
export type { MirrorOptions, ReceiveMirrorsOptions } from './mirror-options.ts';
export type { ReplicaEvent } from './mirror-reception.ts';
export type { Verification } from './mirror-verification.ts';
