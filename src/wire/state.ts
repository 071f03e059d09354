/**
 * Users' values on their way between nodes: an application's state (CT-8), an actor's event.
 * Serialised once where they are given, opaque on the way, read once where they arrive. The form
 * is V8's structured clone.
 */
import { deserialize, serialize } from 'node:v8';
import { InterplexError, sentenceOf } from '../errors.ts';
import { limits } from '../limits.ts';

/** Throws IPX_STATE_INVALID for what cannot be cloned, IPX_STATE_LIMIT for what is too large. */
export function encodeState(state: unknown, noun = 'state of a transfer'): Uint8Array {
  const bytes = serialized(state, noun);
  if (bytes.byteLength <= limits.stateBytesMax) return bytes;
  throw new InterplexError(
    'IPX_STATE_LIMIT',
    `The ${noun} takes ${bytes.byteLength} bytes; at most ${limits.stateBytesMax} may travel. ` +
      'Keep large values where both nodes can reach them and send their name.',
  );
}

/** The inverse of `encodeState`. */
export const decodeState = (bytes: Uint8Array): unknown => deserialize(bytes);

function serialized(state: unknown, noun: string): Uint8Array {
  try {
    return serialize(state);
  } catch (cause) {
    throw new InterplexError(
      'IPX_STATE_INVALID',
      `The ${noun} cannot be cloned: ${shortened(sentenceOf(cause))} ` +
        'Give plain values: no functions, sockets, promises or symbols.',
      { cause },
    );
  }
}

/** V8 shows the value that it could not clone, whole: a function's source, a port's insides. */
function shortened(sentence: string): string {
  const line = sentence.replaceAll(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 80)}….` : line;
}
