/**
 * Every message between nodes, and between an application and its stack. APPEND ONLY: a node may
 * meet one of another version.
 */
import type {
  ActorEndReason,
  ApplicationName,
  Attempt,
  CarrierName,
  ClientId,
  ConnectionDescription,
  CustodySlot,
  Epoch,
  NodeId,
  Refusal,
  Target,
  TransferId,
  VipaName,
} from './vocabulary.ts';

/** Which offer of which transfer: by it, a late answer to an earlier offer is told apart. */
export interface OfferKey {
  readonly transfer: TransferId;
  readonly attempt: number;
}

/** A transfer between two stacks; the sender is known from the link that brings it. */
export type TransferMessage =
  | (OfferKey & {
      type: 'transfer.offer';
      application: ApplicationName;
      connection: ConnectionDescription;
      /** The application's state, serialised once and opaque on the way (CT-8). */
      state: Uint8Array;
    })
  | (OfferKey & { type: 'transfer.accept'; carriers: readonly CarrierName[] })
  | (OfferKey & { type: 'transfer.reject'; refusal: Refusal })
  | (OfferKey & { type: 'transfer.cancel' })
  | (OfferKey & CommitCargo & { type: 'transfer.commit' })
  | (OfferKey & { type: 'transfer.confirm' });

/** What a commit brings, by carrier (CT-16). */
export type CommitCargo = {
  /** Bytes that the giver has read and not consumed (CT-3). */
  readonly unread: Uint8Array;
  /** The socket's idle timeout, which does not move by itself; 0 for none. */
  readonly timeoutMs: number;
} & (
  | { readonly carrier: 'descriptor'; readonly slot: CustodySlot }
  | { readonly carrier: 'relay'; readonly relay: RelayTicket }
);

/** Where a relayed connection is to be fetched: once, by whoever shows the token. */
export interface RelayTicket {
  /** The node that holds the client's own socket, and its number for it. */
  readonly owner: NodeId;
  readonly number: number;
  /** On that node's loopback. */
  readonly port: number;
  readonly token: string;
  /** For a node of another process: where it fetches instead, the preferred first. */
  readonly at?: readonly { readonly address: string; readonly port: number }[];
}

/**
 * Between the node that serves a relayed connection and the one that relays it, when it is to be
 * fetched by a third. Counts of bytes say when each direction of the old relay is empty; only then
 * is there a ticket. `handover` is the serving node's number for the attempt.
 */
export type RelayMessage =
  | { type: 'relay.pause'; number: number; handover: number }
  | { type: 'relay.paused'; handover: number; sent: number }
  | { type: 'relay.written'; number: number; handover: number; written: number; to?: NodeId }
  | { type: 'relay.emptied'; handover: number; ticket: RelayTicket }
  | { type: 'relay.withdraw'; number: number; handover: number }
  | { type: 'relay.withdrawn'; handover: number; kept: boolean };

/** What an owner tells the stack that first accepted a connection (CT-10). */
export type RouteMessage =
  | {
      type: 'route.moved';
      connection: ConnectionDescription;
      owner: NodeId;
      carrier: CarrierName;
    }
  | { type: 'route.closed'; number: number; epoch: Epoch };

/** What a stack tells the others of the applications that listen at it (CT-13). */
export type ListingMessage =
  | { type: 'listing.begun'; target: Target }
  | { type: 'listing.ceased'; target: Target };

/**
 * Which actors of a node can be reached, and how each came to its end (AF-4). One that is sought
 * and not there is told of as ceased.
 */
export type ActorMessage =
  | { type: 'actor.begun'; address: string; kind?: string }
  | { type: 'actor.ceased'; address: string; reason: ActorEndReason }
  | { type: 'actor.sought'; address: string };

/** Beside the packed events of two nodes (AF-4): what was taken, what was refused. */
export type EventsMessage =
  | { type: 'events.taken'; count: number; characters: number }
  | { type: 'events.refused'; to: string; count: number };

/** Asks under way, by the number that the asking node gave (AF-4). */
export type AskMessage =
  | { type: 'ask.refused'; ask: number; refusal: Refusal }
  | { type: 'ask.withdrawn'; ask: number }
  | ({ type: 'ask.probe' } & AskProbe);

/** Follows an ask to whoever its answer waits for, and so on: back at its start it is a cycle. */
export interface AskProbe {
  /** Who began it: its node, the number of its ask, and the turn in which it asked. */
  readonly node: NodeId;
  readonly ask: number;
  readonly turn: string;
  /** The actors on the way, by their addresses; the last one is asked by `via`. */
  readonly path: readonly string[];
  readonly via: { readonly node: NodeId; readonly ask: number };
}

/** Another node took or gave back a lease of the coupling facility: look again. */
export type LeaseMessage = { type: 'lease.changed'; key: string };

/** Where a node takes data ports (DP-2). */
export type DataPortMessage = {
  type: 'dataPorts.taken';
  addresses: readonly { readonly address: string; readonly port: number }[];
};

export type NodeMessage =
  | TransferMessage
  | RouteMessage
  | RelayMessage
  | ListingMessage
  | ActorMessage
  | LeaseMessage
  | EventsMessage
  | AskMessage
  | DataPortMessage;

/** The part that an application plays; opening a control channel as one is what identifies it. */
export type Role = 'routing' | 'target';

/** How a transfer ended, as the application that asked for it is told. */
export type TransferOutcome =
  | { readonly outcome: 'transferred'; readonly target: NodeId; readonly carrier: CarrierName }
  | (Refusal & { readonly outcome: 'refused'; readonly attempts: readonly Attempt[] });

/** Application to stack, over the control channel (CT-12). */
export type ApplicationMessage =
  | { type: 'channel.open'; application: ApplicationName; role: Role }
  | { type: 'channel.close' }
  | { type: 'listen'; vipa: VipaName }
  | { type: 'unlisten'; vipa: VipaName }
  | {
      type: 'transfer.begin';
      client: ClientId;
      to: ApplicationName;
      attemptsMax: number;
      deadlineMs: number;
    }
  | { type: 'target.chosen'; client: ClientId; target: NodeId; state: Uint8Array }
  | { type: 'target.none'; client: ClientId; refusal: Refusal }
  | { type: 'offer.accept'; offer: number }
  | { type: 'offer.reject'; offer: number; refusal: Refusal };

/** Stack to application, over the control channel (CT-12). */
export type StackMessage =
  | { type: 'channel.opened' }
  | { type: 'targets.changed'; targets: readonly Target[] }
  | { type: 'client.arrived'; client: ClientId }
  | { type: 'target.wanted'; client: ClientId; attempts: readonly Attempt[] }
  | { type: 'transfer.settled'; client: ClientId; outcome: TransferOutcome }
  | {
      type: 'offer.made';
      offer: number;
      giver: NodeId;
      connection: ConnectionDescription;
      state: Uint8Array;
    }
  | { type: 'offer.dropped'; offer: number }
  | { type: 'client.served'; offer: number; client: ClientId };
