/** Transfers, as the messages between nodes tell of them: how far each came, and how fast. */
import type { PlainEvent } from '../records.ts';
import { bounds } from './bounds.ts';
import type { Message } from './message.ts';

export interface Transfer {
  /** `<giver>/<number>`. */
  readonly name: string;
  /** `<origin>/<number>`, where it is known. */
  connection: string | undefined;
  readonly giver: string;
  readonly taker: string;
  beganAtMs: number;
  lastAtMs: number;
  phase: Phase;
}

const phases = {
  'transfer.offer': 'offered',
  'transfer.accept': 'accepted',
  'transfer.commit': 'committed',
  'transfer.confirm': 'confirmed',
  'transfer.reject': 'rejected',
  'transfer.cancel': 'cancelled',
} as const;
export type Phase = (typeof phases)[keyof typeof phases];

const isTold = (type: string): type is keyof typeof phases => Object.hasOwn(phases, type);

export class Transfers {
  /** The oldest first. */
  readonly list = new Map<string, Transfer>();
  /** Of all, those too that are not kept. */
  count = 0;

  take({ transfer: name, event, from, to, atMs }: Message): void {
    if (name === undefined || from === undefined || !isTold(event.type)) return;
    const connection = connectionIn(event);
    const phase = phases[event.type];
    const known = this.list.get(name);
    if (known) {
      // Threads tell in turns: what came later may have been before.
      known.connection ??= connection;
      known.beganAtMs = Math.min(known.beganAtMs, atMs);
      if (atMs >= known.lastAtMs) Object.assign(known, { phase, lastAtMs: atMs });
      return;
    }
    const [giver, taker] = isGivers(event.type) ? [from, to] : [to, from];
    const times = { beganAtMs: atMs, lastAtMs: atMs };
    this.count += 1;
    this.list.set(name, { name, connection, giver, taker, ...times, phase });
    if (this.list.size <= bounds.transfers) return;
    for (const oldest of this.list.keys()) {
      this.list.delete(oldest);
      break;
    }
  }

  /** An offer says which connection it is about; what follows says only which transfer. */
  connectionOf({ event, transfer }: Message): string | undefined {
    return connectionIn(event) ?? this.list.get(transfer ?? '')?.connection;
  }
}

function connectionIn(event: PlainEvent): string | undefined {
  const { connection } = event as { connection?: { origin?: unknown; number?: unknown } };
  return connection && `${String(connection.origin)}/${String(connection.number)}`;
}

const isGivers = (type: string) => /^transfer\.(offer|commit|cancel)$/.test(type);

/** A transfer is numbered by its giver: who offers, commits and cancels; the others answer it. */
export function transferOf(
  event: PlainEvent,
  from: string | undefined,
  to: string,
): string | undefined {
  const { transfer } = event;
  if (typeof transfer !== 'number' || from === undefined) return undefined;
  return `${(isGivers(event.type) ? from : to).replace(/^node:/, '')}/${transfer}`;
}
