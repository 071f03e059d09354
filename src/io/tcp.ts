/**
 * A live socket frozen, thawed and adopted. Traps of Node that this file keeps to itself: any
 * `read()` may start a stopped handle again; `destroy()` drops pending writes silently.
 */
import { Socket } from 'node:net';
import type { Refusal, Tuple } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import { canDuplicate, descriptorOf, handleOf, isUnderTls } from './descriptors.ts';

/** A socket that is neither read nor written, and how to go on with it. */
export interface Frozen {
  readonly descriptor: number;
  /** Bytes that were read from the kernel and not consumed. */
  readonly unread: Uint8Array;
}

const refusal = (code: string, reason: string): Refusal => ({ code, reason });

/** Why a socket cannot move at all (CT-17), or `undefined`. */
export function immovability(socket: Socket): Refusal | undefined {
  if (socket.destroyed) return refusal('IPX_CLIENT_GONE', 'The client has left.');
  if ('encrypted' in socket || isUnderTls(socket)) {
    return refusal(
      'IPX_CLIENT_TLS',
      'A TLS session cannot move after its handshake: transfer it before, by server name.',
    );
  }
  if (socket.writableEnded) {
    return refusal('IPX_CLIENT_HALF_SENT', 'The end was already sent to the client.');
  }
  if (socket.readableEncoding !== null) {
    return refusal(
      'IPX_CLIENT_DECODED',
      'setEncoding() was called on the socket, which hides bytes: decode them in the application.',
    );
  }
  if (!canDuplicate) {
    return refusal(
      'IPX_CARRIER_NONE',
      'Descriptors cannot be duplicated here: npm install koffi, on Linux or macOS.',
    );
  }
  if (descriptorOf(socket) === undefined) {
    return refusal('IPX_CARRIER_NONE', 'The socket has no descriptor of the kernel to carry.');
  }
  return undefined;
}

/** Whether all that was written has been given to the kernel. */
export const isDrained = (socket: Socket): boolean =>
  socket.writableLength === 0 && (handleOf(socket)?.writeQueueSize ?? 0) === 0;

/**
 * Calls back once, when all that was written has left or the socket is gone. Returns how to stop
 * waiting. An empty write is queued behind all others: its callback is theirs.
 */
export function whenDrained(socket: Socket, callback: () => void): () => void {
  let isWaiting = true;
  const look = () => {
    if (!isWaiting) return;
    // Behind an end nothing may be written: `freeze` refuses such a socket.
    if (!socket.destroyed && !socket.writableEnded && !isDrained(socket)) {
      socket.write('', look);
      return;
    }
    isWaiting = false;
    callback();
  };
  look();
  return () => {
    isWaiting = false;
  };
}

/** Stops reads and writes of a drained socket. What the application writes now waits in it. */
export function freeze(socket: Socket): Frozen | Refusal {
  const refused = immovability(socket);
  if (refused) return refused;
  const handle = handleOf(socket);
  const descriptor = descriptorOf(socket);
  if (!handle || descriptor === undefined) return refusal('IPX_CLIENT_GONE', 'It has left.');
  socket.cork();
  handle.readStop();
  // A stream whose handle does not read starts it at the next `read()`, ours or the application's.
  handle.reading = true;
  const frozen = { descriptor, unread: takeBuffered(socket) };
  const { unread } = frozen;
  if (unread.byteLength <= limits.unreadBytesMax) return frozen;
  thaw(socket, frozen);
  return refusal(
    'IPX_UNREAD_LIMIT',
    `The client has ${unread.byteLength} bytes unread; at most ${limits.unreadBytesMax} travel.`,
  );
}

/** The inverse of `freeze`: the socket goes on as if nothing had been. */
export function thaw(socket: Socket, frozen: Frozen): void {
  if (socket.destroyed) return;
  if (frozen.unread.byteLength > 0) socket.unshift(frozen.unread);
  handleOf(socket)?.readStart(); // Nothing else would: the stream believes that it reads.
  socket.uncork();
}

/**
 * A socket over a claimed descriptor, with the unread bytes first; it reads when it is first
 * asked to. `undefined`: the descriptor is not the client's, or the client has left.
 */
export function adoptSocket(
  descriptor: number,
  { tuple, unread, timeoutMs }: { tuple: Tuple; unread: Uint8Array; timeoutMs: number },
  allowHalfOpen: boolean,
): Socket | undefined {
  const options = { fd: descriptor, allowHalfOpen, manualStart: true };
  const socket = new Socket(options);
  if (socket.remotePort !== tuple.clientPort || socket.remoteAddress !== tuple.clientAddress) {
    socket.destroy();
    return undefined;
  }
  if (unread.byteLength > 0) socket.unshift(unread);
  if (timeoutMs > 0) socket.setTimeout(timeoutMs);
  return socket;
}

/** Lets an adopted socket read from the kernel, even if nobody listens to its bytes yet. */
export const beginReading = (socket: Socket): void => {
  if (!socket.destroyed) socket.read(0);
};

/** All that a socket has buffered, in a buffer of its own; the application hears none of it. */
function takeBuffered(socket: Socket): Uint8Array {
  const { readableLength } = socket;
  if (readableLength === 0) return new Uint8Array(0);
  const listeners = socket.rawListeners('data') as ((chunk: Buffer) => void)[];
  for (const listener of listeners) socket.off('data', listener);
  // Exactly so many: asked for more, a stream that has its end emits 'end', and takes nothing back.
  const chunk: unknown = socket.read(readableLength);
  for (const listener of listeners) socket.on('data', listener);
  // A copy: a slice of Node's pool would take the whole pool along to the other thread.
  return chunk instanceof Uint8Array ? new Uint8Array(chunk) : new Uint8Array(0);
}
