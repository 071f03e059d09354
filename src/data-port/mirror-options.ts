/** What a mirror is begun with, checked. */
import { limits } from '../limits.ts';
import { bounds } from './mirror-bounds.ts';
import { invalid, requireKnown, requireOptions, type Known } from '../options.ts';
import type { NodePlace } from './open-options.ts';
import { nameOfMirrors } from './mirror-channel.ts';

export interface MirrorOptions {
  /** The source: a file, or the image of a volume. `<file>.mirror/` beside it keeps its history. */
  readonly file: string;
  /** The node that has the replica. */
  readonly to: NodePlace;
  /** Nodes that have others, in the order in which they stand in. */
  readonly backups?: readonly NodePlace[];
  /** Default `mirror`. */
  readonly service?: string;
  /** Logical connections, 1 to 16. Default 2. */
  readonly links?: number;
  /**
   * Whether others write the file: then it is looked at again and again. Else it is written by
   * `mirror.write()` alone, whose order the replica keeps. Default false.
   */
  readonly watch?: boolean;
  /** Whether all is copied, over whatever the target has. Default false. */
  readonly full?: boolean;
  /** What a write does while the target is slower: it waits (default), or is marked for later. */
  readonly congestion?: 'wait' | 'mark';
  /** Whether it outlives a loss of power, on both sides: slower. Default false. */
  readonly durable?: boolean;
  /** Bytes of a block, the unit of marks; a power of two from 4 KiB to 1 MiB. Default 64 KiB. */
  readonly blockBytes?: number;
  /** Bytes of writes that are kept for a replica that comes back. Default 8 MiB. */
  readonly backlogBytes?: number;
}
const known: Known<MirrorOptions> = {
  file: true,
  to: true,
  backups: true,
  service: true,
  links: true,
  watch: true,
  full: true,
  congestion: true,
  durable: true,
  blockBytes: true,
  backlogBytes: true,
};

export type MirrorOrder = Required<MirrorOptions>;

/** Throws IPX_OPTION_INVALID. What is a port's option is checked by the port. */
export function parseMirrorOptions(options: MirrorOptions): MirrorOrder {
  requireOptions('mirrorFile()', options, 'give at least { file, to }');
  requireKnown('', options, known);
  const { file, to, backups = [], service = nameOfMirrors, links = limits.portLinks } = options;
  const { watch = false, full = false, durable = false, congestion = 'wait' } = options;
  const { blockBytes = bounds.blockBytes, backlogBytes = bounds.backlogBytes } = options;
  requirePath('file', file);
  if (to === undefined) throw invalid('to', 'give the node that is to have the replica');
  if (!Array.isArray(backups)) throw invalid('backups', 'give a list of nodes');
  for (const [name, value] of Object.entries({ watch, full, durable })) {
    if (typeof value !== 'boolean') throw invalid(name, 'give true or false');
  }
  if (congestion !== 'wait' && congestion !== 'mark') {
    throw invalid('congestion', 'it is "wait" or "mark"');
  }
  const isPower = Number.isInteger(Math.log2(blockBytes));
  if (!isPower || blockBytes < 4_096 || blockBytes > bounds.writeBytesMax) {
    throw invalid('blockBytes', `give a power of two from 4096 to ${bounds.writeBytesMax}`);
  }
  const most = bounds.backlogBytesMax;
  if (!Number.isSafeInteger(backlogBytes) || backlogBytes < blockBytes || backlogBytes > most) {
    throw invalid('backlogBytes', `give an integer from ${blockBytes} to ${most}`);
  }
  return {
    file,
    to,
    backups,
    service,
    links,
    watch,
    full,
    congestion,
    durable,
    blockBytes,
    backlogBytes,
  };
}

export interface ReceiveMirrorsOptions {
  /** A folder, in which each replica is named as its source, or one file. */
  readonly into: string;
  /** Default `mirror`. */
  readonly service?: string;
  /** Whether what is acknowledged outlives a loss of power. Default false. */
  readonly durable?: boolean;
}
const knownOfReceiving: Known<ReceiveMirrorsOptions> = { into: true, service: true, durable: true };

/** Throws IPX_OPTION_INVALID. */
export function parseReceiveOptions(
  options: ReceiveMirrorsOptions,
): Required<ReceiveMirrorsOptions> {
  requireOptions('receiveMirrors()', options, 'give at least { into }');
  requireKnown('', options, knownOfReceiving);
  const { into, service = nameOfMirrors, durable = false } = options;
  requirePath('into', into);
  if (typeof durable !== 'boolean') throw invalid('durable', 'give true or false');
  return { into, service, durable };
}

function requirePath(option: string, path: unknown): void {
  if (typeof path !== 'string' || path === '') throw invalid(option, 'give a path');
}
