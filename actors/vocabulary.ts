/** Words that every machine uses: names that must not be swapped, and what the parties say. */
type Brand<Value, Name extends string> = Value & { readonly '~brand': Name };

/** A node's name, unique in its cluster: 1 to 63 letters, digits, `-`, `_` or `.`. */
export type NodeId = Brand<string, 'NodeId'>;
/** An application's name, as the cluster's configuration gives it. */
export type ApplicationName = Brand<string, 'ApplicationName'>;
/** A VIPA's name, as the cluster's configuration gives it. */
export type VipaName = Brand<string, 'VipaName'>;
/** A client's number at the stack that holds it now. */
export type ClientId = Brand<number, 'ClientId'>;
/** A transfer's number at the stack that gives the client away. */
export type TransferId = Brand<number, 'TransferId'>;
/** Raised by one at each move of a connection; it fences the former owner. */
export type Epoch = Brand<number, 'Epoch'>;
/** A descriptor's place in the custody that threads of one process share. */
export type CustodySlot = Brand<number, 'CustodySlot'>;

/** The means by which a connection moves (CT-16); `none` until its first move. */
export type CarrierName = 'none' | 'descriptor' | 'relay';

/** What goes wrong, with a stable code and a sentence that says what to do. */
export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

/**
 * Why an actor is no more: it had reached its end, it crashed, it was stopped, its node has ended,
 * or there never was one of that address.
 */
export type ActorEndReason = 'done' | 'failed' | 'stopped' | 'nodeLost' | 'unknown';

/** One offer that came to nothing. */
export interface Attempt extends Refusal {
  readonly target: NodeId;
}

/** A target application that listens on a VIPA at a node. */
export interface Target {
  readonly node: NodeId;
  readonly application: ApplicationName;
  readonly vipa: VipaName;
}

/** Both ends of a TCP connection, as the server sees them. */
export interface Tuple {
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly address: string;
  readonly port: number;
}

/** What identifies a connection wherever it is, and what is known of it so far. */
export interface ConnectionDescription {
  /** The routing stack that first accepted it, and the number it gave. */
  readonly origin: NodeId;
  readonly number: number;
  readonly vipa: VipaName;
  readonly tuple: Tuple;
  readonly epoch: Epoch;
  /** All moves since it was accepted. */
  readonly hops: number;
  /** Moves since the client last sent a byte (CT-9). */
  readonly hopsSilent: number;
}

/** The epoch that follows. */
export const epochAfter = (epoch: Epoch): Epoch => (epoch + 1) as Epoch;
