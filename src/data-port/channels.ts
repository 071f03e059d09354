/** The channels of a port: what each promises of order, and which goes before which. */
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { invalid, requireKnown, requireObject, type Known } from '../options.ts';

/**
 * `ordered`: exactly once, in order. `keyed`: the same for messages of one key; keys do not wait
 * for each other. `unordered`: exactly once. `latest`: at most once, an older one gives way.
 */
export type ChannelKind = 'ordered' | 'keyed' | 'unordered' | 'latest';
/** A message of one priority never waits in a queue behind one of a later priority. */
export type Priority = 'control' | 'interactive' | 'bulk';

export interface ChannelSettings {
  /** Default `ordered`. */
  readonly kind?: ChannelKind;
  /** Default `interactive`. */
  readonly priority?: Priority;
  /** Bytes sent or queued that are not yet applied; then callers wait. Default 8 MiB. */
  readonly windowBytes?: number;
}

/** The same, complete; both ends of a port have the same list. */
export interface Channel extends Required<ChannelSettings> {
  readonly id: number;
  readonly name: string;
  readonly lanes: number;
}

export const kinds: readonly string[] = ['ordered', 'keyed', 'unordered', 'latest'];
export const priorities: readonly Priority[] = ['control', 'interactive', 'bulk'];
/** The channel of a port that names none, and the first of every port that does not name it. */
export const mainChannel = 'main';

const known: Known<ChannelSettings> = { kind: true, priority: true, windowBytes: true };

/** Throws IPX_OPTION_INVALID. */
export function parseChannels(given: Readonly<Record<string, ChannelSettings>>): Channel[] {
  requireObject('channels', given);
  const settings = Object.entries({ [mainChannel]: {}, ...given });
  if (settings.length > limits.portChannelsMax) {
    throw invalid('channels', `a port has at most ${limits.portChannelsMax}`);
  }
  return settings.map(([name, channel], id) => parseChannel(id, name, channel));
}

function parseChannel(id: number, name: string, given: ChannelSettings): Channel {
  const where = `channels.${name}`;
  requireObject(where, given);
  requireKnown(where, given, known);
  const { kind = 'ordered', priority = 'interactive' } = given;
  const { windowBytes = limits.portWindowBytes } = given;
  if (!kinds.includes(kind))
    throw invalid(`${where}.kind`, `"${kind}" is none of ${kinds.join(', ')}`);
  if (!priorities.includes(priority)) {
    throw invalid(`${where}.priority`, `"${priority}" is none of ${priorities.join(', ')}`);
  }
  const { frameBodyBytesMax: least, portWindowBytesMax: most } = limits;
  if (!Number.isSafeInteger(windowBytes) || windowBytes < least || windowBytes > most) {
    throw invalid(`${where}.windowBytes`, `give an integer from ${least} to ${most}`);
  }
  return { id, name, kind, priority, windowBytes, lanes: kind === 'keyed' ? limits.keyLanes : 1 };
}

/** Messages of one key take one lane: FNV-1a over the key's UTF-16 code units. */
export function laneOf(key: string, lanes: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % lanes;
}

export const streamOf = (channel: number, lane: number): number => channel * 256 + lane;

export function channelNamed(channels: readonly Channel[], name: string): Channel {
  const channel = channels.find((other) => other.name === name);
  if (channel) return channel;
  const names = channels.map((other) => other.name).join(', ');
  throw new InterplexError(
    'IPX_CHANNEL_UNKNOWN',
    `The port has no channel "${name}": name it when the port is opened; it has ${names}.`,
  );
}
