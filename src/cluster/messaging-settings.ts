/** How a cluster's key and seeds and its nodes' adapters are said, and what of it cannot work. */
import type { NodeId } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { parseMessenger, type AdapterOptions, type Authentication } from '../messaging/settings.ts';
import { invalid, requireKnown, requireObject, type Known } from '../options.ts';

export interface MessagingSettings {
  /**
   * The cluster's, the same at every node: 32 random bytes, or their 64 hexadecimal digits. Without
   * one a key is made for the nodes of this process, which then use loopback only (CM-10).
   */
  readonly key?: Uint8Array | string;
  /** The one before, while keys are exchanged: what it seals is still opened. */
  readonly formerKey?: Uint8Array | string;
  /**
   * Where nodes of other processes are asked first, as `address:port`; any that lives is enough.
   */
  readonly seeds?: readonly string[];
  /**
   * `none` seals nothing, needs no key, and trusts every process of this host: for loopback alone.
   * Default: `aead`.
   */
  readonly authentication?: Authentication;
}

export interface MessagingConfiguration {
  /** None: it is made at the start. */
  readonly key: Uint8Array | undefined;
  readonly formerKey: Uint8Array | undefined;
  readonly seeds: readonly string[];
  readonly authentication: Authentication;
}

/** Where a node takes cluster messages unless it is told otherwise. */
const anywhereOnLoopback: readonly AdapterOptions[] = [{ address: '127.0.0.1' }];

const known: Known<MessagingSettings> = {
  key: true,
  formerKey: true,
  seeds: true,
  authentication: true,
};
const keyBytes = 32;

/** Throws IPX_OPTION_INVALID, IPX_KEY_INVALID or IPX_KEY_MISSING. */
export function parseMessaging(settings: MessagingSettings): MessagingConfiguration {
  requireObject('messaging', settings);
  requireKnown('messaging', settings, known);
  const { seeds = [], authentication = 'aead' } = settings;
  const key = parseKey('key', settings.key);
  const formerKey = parseKey('formerKey', settings.formerKey);
  if (!key && formerKey) throw invalid('messaging.formerKey', 'it is of no use without a key');
  if (key && authentication === 'none') {
    throw invalid('messaging.authentication', 'with "none" a key is of no use: leave one out');
  }
  if (!key && seeds.length > 0 && authentication !== 'none') {
    throw new InterplexError(
      'IPX_KEY_MISSING',
      'The nodes at messaging.seeds are of other processes, which know no key that is made here: ' +
        `give all of them the same messaging.key, made with \`openssl rand -hex ${keyBytes}\`.`,
    );
  }
  return { key, formerKey, seeds, authentication };
}

/**
 * The adapters of one node, the primary first, as its messenger will take them. Throws
 * IPX_OPTION_INVALID, IPX_ADAPTERS_OVERLAP or IPX_KEY_MISSING.
 */
export function parseAdapters(
  node: string,
  { key, seeds, authentication }: MessagingConfiguration,
  adapters: readonly AdapterOptions[] = anywhereOnLoopback,
): readonly AdapterOptions[] {
  try {
    parseMessenger({ node, adapters, seeds, authentication, ...(key && { key }) });
    return adapters;
  } catch (error) {
    if (!(error instanceof InterplexError)) throw error;
    const sentence = error.message
      .replaceAll('messenger.adapters', `nodes.${node}.adapters`)
      .replaceAll('messenger.authentication', 'messaging.authentication')
      .replaceAll('messenger.seeds', 'messaging.seeds');
    throw new InterplexError(error.code, sentence, { cause: error });
  }
}

interface OfNode {
  readonly id: NodeId;
  readonly adapters: readonly AdapterOptions[];
}

/** One socket has an address and port. Throws IPX_ADAPTERS_OVERLAP. */
export function requireAdaptersApart(nodes: readonly OfNode[]): void {
  const owners = new Map<string, NodeId>();
  for (const { id, adapters } of nodes) {
    for (const { address, port = 0 } of adapters) {
      const place = `${address} ${port}`;
      const other = owners.get(place);
      if (port !== 0 && other !== undefined) {
        throw new InterplexError(
          'IPX_ADAPTERS_OVERLAP',
          `nodes.${id} and nodes.${other} both have ${address} at port ${port}: give each an ` +
            'address or a port of its own.',
        );
      }
      owners.set(place, id);
    }
  }
}

function parseKey(name: string, key: Uint8Array | string | undefined): Uint8Array | undefined {
  if (key === undefined) return undefined;
  const isText = typeof key === 'string' && /^[0-9a-f]*$/i.test(key);
  const bytes = isText ? Buffer.from(key, 'hex') : key;
  if (bytes instanceof Uint8Array && bytes.length === keyBytes) return Uint8Array.from(bytes);
  const found = bytes instanceof Uint8Array ? `${bytes.length} bytes` : 'no such thing';
  throw new InterplexError(
    'IPX_KEY_INVALID',
    `messaging.${name} is ${keyBytes} random bytes, or their ${2 * keyBytes} hexadecimal ` +
      `digits, and this is ${found}: make one with \`openssl rand -hex ${keyBytes}\`.`,
  );
}
