/** What a client may tell the `steered` applications to do, one JSON line each. */

/** What a target is to say to an offer, and to do then. */
export type Answer =
  | 'accept'
  | 'accept, by a foreign promise'
  | 'never' // it does not answer
  | 'block' // its thread stands at the gate `considering`, then it accepts
  | 'throw'
  | 'nonsense' // neither accept() nor reject()
  | 'no reason'
  | `reject: ${string}`;

export interface TransferCommand {
  readonly do: 'transfer';
  readonly to?: string;
  /** Nodes, in the order to try; default: as listed. */
  readonly prefer?: readonly string[];
  /** After a refusal, the last of those untried instead of the next. */
  readonly nextIsLast?: boolean;
  /** By node; those left out accept. */
  readonly answers?: Readonly<Record<string, Answer>>;
  readonly state?: unknown;
  readonly attemptsMax?: number;
  readonly deadlineMs?: number;
}

export type Command =
  | TransferCommand
  | { readonly do: 'echo'; readonly text: string }
  | { readonly do: 'who' } // answers with where the client is
  | { readonly do: 'targets' }
  | { readonly do: 'watch' } // answers with the targets after each change, from now on
  | { readonly do: 'peek' | 'read'; readonly count: number } // answers in hex
  | { readonly do: 'flood'; readonly bytes: number } // writes so many, waiting for nobody
  | { readonly do: 'circle'; readonly ring: readonly string[]; readonly hops: number }
  | { readonly do: 'heap' } // answers with the bytes in use in that thread, garbage collected
  | { readonly do: 'table' } // answers with the address table and the members
  | { readonly do: 'register' | 'unregister' | 'find'; readonly name: string } // actors
  | { readonly do: 'send'; readonly name: string; readonly event: { readonly type: string } }
  | { readonly do: 'block' } // its thread stands at the gate `considering`
  | { readonly do: 'leak' } // its thread uses memory without end
  | { readonly do: 'end' | 'throw' | 'crash' };

/** The answer to `table`. */
export interface TableSeen {
  readonly hash: string;
  readonly rows: readonly string[];
  /** By node. */
  readonly members: Readonly<Record<string, string>>;
  readonly routes: readonly { readonly subnet: string; readonly isInstalled: boolean }[];
}

/** The answer to `who`. */
export interface Whereabouts {
  readonly role: 'routing' | 'target';
  readonly node: string;
  readonly threadId: number;
  readonly state: unknown;
  readonly carrier: string;
  readonly epoch: number;
  readonly hops: number;
}
