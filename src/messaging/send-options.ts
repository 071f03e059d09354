/** What `send`, `request` and `on` are given, checked where it is given (AF-9). */
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { invalid, requireKnown, requireOptions } from '../options.ts';
import type { Message } from './exchange.ts';

export interface SendOptions {
  /** Acknowledged, in order and once; else it may be lost, doubled or overtaken. Default: true. */
  readonly reliable?: boolean;
  /** Until it must have been received. Default: 10 s. */
  readonly timeoutMs?: number;
}
export interface RequestOptions {
  /** Until the reply must have come. Default: 5 s. */
  readonly timeoutMs?: number;
}

/** Throws IPX_OPTION_INVALID. */
export function requireSendOptions(options: SendOptions): void {
  requireOptions('messenger.send', options, 'give { reliable, timeoutMs }, or leave them out');
  requireKnown('', options, { reliable: true, timeoutMs: true });
  const { reliable = true, timeoutMs } = options;
  if (typeof reliable !== 'boolean') throw invalid('reliable', 'it is true or false');
  requireTimeout(timeoutMs);
}

/** Throws IPX_OPTION_INVALID. */
export function requireRequestOptions(options: RequestOptions): void {
  requireOptions('messenger.request', options, 'give { timeoutMs }, or leave them out');
  requireKnown('', options, { timeoutMs: true });
  requireTimeout(options.timeoutMs);
}

/**
 * A program in JavaScript may send anything, and not all that has a kind here has one where it
 * arrives: that of a getter, a prototype, a map or an error stays behind. Throws IPX_STATE_INVALID.
 */
export function requireMessage(message: Message | null | undefined): void {
  if (typeof message?.kind === 'string' && isOwnField(message)) {
    if (Object.getPrototypeOf(message) === Object.prototype) return;
    // Of a class, or of none.
    if (Object.prototype.toString.call(message) === '[object Object]') return;
  }
  throw new InterplexError(
    'IPX_STATE_INVALID',
    'What is sent to a node must be a message: an object whose "kind" is a string, a field of ' +
      'its own.',
  );
}

/** Throws IPX_OPTION_INVALID. */
export function requireKind(kind: string): void {
  if (typeof kind === 'string') return;
  throw invalid('kind of messenger.on', 'give a string, as the "kind" of messages is');
}

function requireTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs === undefined) return;
  if (typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= limits.timerMsMax) return;
  throw invalid('timeoutMs', `give milliseconds over 0, up to ${limits.timerMsMax}`);
}

const isOwnField = (message: Message) =>
  Object.prototype.propertyIsEnumerable.call(message, 'kind');
