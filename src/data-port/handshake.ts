/**
 * The first words on each connection of a port (DP-2): who it is for, which versions are spoken,
 * and where each node can be reached. APPEND ONLY; a word that is not known is passed over.
 */
import type { Refusal } from '../../actors/vocabulary.ts';
import { InterplexError, type ErrorCode } from '../errors.ts';
import { limits } from '../limits.ts';
import { versions } from '../wire/frame.ts';
import type { NodeAddress } from './address-book.ts';
import { kinds, priorities, type Channel, type ChannelKind, type Priority } from './channels.ts';

export interface Hello {
  readonly versions: { readonly least: number; readonly most: number };
  /** The port's own name: random, made by its source. */
  readonly port: string;
  readonly epoch: number;
  readonly service: string;
  readonly path: number;
  readonly links: number;
  readonly from: string;
  readonly to: string;
  /** Of the target, once it is known: another incarnation of it knows nothing of this epoch. */
  readonly expects: string;
  readonly channels: readonly Channel[];
  readonly addresses: readonly NodeAddress[];
}
export interface Welcome {
  readonly version: number;
  readonly incarnation: string;
  readonly addresses: readonly NodeAddress[];
}

export const encodeWords = (words: Hello | Welcome | Refusal): Buffer =>
  Buffer.from(JSON.stringify(words), 'utf8');

type Fields = Readonly<Record<string, unknown>>;
const wrong = (what: string): never => {
  throw new InterplexError('IPX_FRAME_INVALID', `The first words of a connection lack ${what}.`);
};
const objectOf = (value: unknown, what: string): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : wrong(what);
const textOf = (value: unknown, what: string): string =>
  typeof value === 'string' && value.length <= 512 ? value : wrong(what);
const countOf = (value: unknown, most: number, what: string): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most
    ? value
    : wrong(what);
const listOf = (value: unknown, most: number, what: string): readonly unknown[] =>
  Array.isArray(value) && value.length <= most ? value : wrong(what);

function fieldsOf(body: Buffer): Fields {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    wrong('their form: they are no JSON');
  }
  return objectOf(parsed, 'their form');
}

/** Throws IPX_FRAME_INVALID, or IPX_FRAME_VERSION when there is no version that both speak. */
export function readHello(body: Buffer): Hello {
  const fields = fieldsOf(body);
  const offered = objectOf(fields['versions'], 'the versions');
  const least = countOf(offered['least'], 255, 'the least version');
  const most = countOf(offered['most'], 255, 'the greatest version');
  if (least > versions.most || most < versions.least) {
    const ours = `${versions.least} to ${versions.most}`;
    const sentence = `The other node speaks versions ${least} to ${most}, this one ${ours}.`;
    throw new InterplexError('IPX_FRAME_VERSION', sentence);
  }
  const links = countOf(fields['links'], limits.portLinksMax, 'how many links there are');
  return {
    versions: { least, most },
    port: textOf(fields['port'], 'the port'),
    epoch: countOf(fields['epoch'], 2 ** 32 - 1, 'the epoch'),
    service: textOf(fields['service'], 'the service'),
    path: countOf(fields['path'], links - 1, 'the path'),
    links,
    from: textOf(fields['from'], 'the node that it is from'),
    to: textOf(fields['to'], 'the node that it is for'),
    expects: textOf(fields['expects'], 'the incarnation'),
    channels: readChannels(fields['channels']),
    addresses: readAddresses(fields['addresses']),
  };
}

/** Throws IPX_FRAME_INVALID. */
export function readWelcome(body: Buffer): Welcome {
  const fields = fieldsOf(body);
  return {
    version: countOf(fields['version'], versions.most, 'the version'),
    incarnation: textOf(fields['incarnation'], 'the incarnation'),
    addresses: readAddresses(fields['addresses']),
  };
}

/** Throws IPX_FRAME_INVALID. */
export function readRefusal(body: Buffer): { code: ErrorCode; reason: string } {
  const fields = fieldsOf(body);
  const code = textOf(fields['code'], 'the code') as ErrorCode;
  return { code, reason: textOf(fields['reason'], 'the reason') };
}

function readAddresses(value: unknown): readonly NodeAddress[] {
  return listOf(value, limits.nodeAddressesMax, 'the addresses').map((item) => {
    const fields = objectOf(item, 'an address');
    return {
      address: textOf(fields['address'], 'an address'),
      port: countOf(fields['port'], 65_535, 'a port'),
    };
  });
}

function readChannels(value: unknown): readonly Channel[] {
  return listOf(value, limits.portChannelsMax, 'the channels').map((item, id) => {
    const fields = objectOf(item, 'a channel');
    const kind = textOf(fields['kind'], 'the kind of a channel');
    const priority = textOf(fields['priority'], 'the priority of a channel');
    if (!kinds.includes(kind)) wrong(`a known kind of channel: "${kind}"`);
    if (!priorities.some((other) => other === priority)) wrong(`a known priority: "${priority}"`);
    const most = limits.portWindowBytesMax;
    return {
      id,
      name: textOf(fields['name'], 'the name of a channel'),
      kind: kind as ChannelKind,
      priority: priority as Priority,
      windowBytes: countOf(fields['windowBytes'], most, 'the window of a channel'),
      lanes: kind === 'keyed' ? limits.keyLanes : 1,
    };
  });
}
