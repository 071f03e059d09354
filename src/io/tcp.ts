/**
 * A live socket frozen, thawed and adopted. Traps of Node that this file keeps to itself: any
 * `read()` may start a stopped handle again; `destroy()` drops pending writes silently; `end()`
 * undoes any cork.
 */
import { Socket, type OnReadOpts } from 'node:net';
import type { Refusal, Tuple } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import {
  descriptorOf,
  forgetPeerName,
  handleOf,
  isUnderTls,
  releaseHandle,
} from './descriptors.ts';

/** A socket that is neither read nor written, and how to go on with it. */
export interface Frozen {
  readonly descriptor: number;
  /** Bytes that were read from the kernel and not consumed. */
  readonly unread: Uint8Array;
  /** Lets the application's writes go, and its end if it asked for that. */
  readonly release: () => void;
}

const refusal = (code: string, reason: string): Refusal => ({ code, reason });

const refusedTls = refusal(
  'IPX_CLIENT_TLS',
  'A TLS session cannot move after its handshake: transfer it before, by server name.',
);
const refusedHttp = refusal(
  'IPX_CLIENT_HTTP',
  'An HTTP server parses this connection: transfer it before its first request is read.',
);

/** Why a socket cannot move at all (CT-17), or `undefined`. */
export function immovability(socket: Socket): Refusal | undefined {
  if (socket.destroyed) return refusal('IPX_CLIENT_GONE', 'The client has left.');
  if ('encrypted' in socket || isUnderTls(socket)) return refusedTls;
  // An http server's parser reads past the stream, until an upgrade sets the socket free.
  if ('parser' in socket && socket.parser !== null) return refusedHttp;
  if (socket.writableEnded) {
    return refusal('IPX_CLIENT_HALF_SENT', 'The end was already sent to the client.');
  }
  if (socket.readableEncoding !== null) {
    return refusal(
      'IPX_CLIENT_DECODED',
      'setEncoding() was called on the socket, which hides bytes: decode them in the application.',
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
  const release = holdWrites(socket);
  handle.readStop();
  // A stream whose handle does not read starts it at the next `read()`, ours or the application's.
  handle.reading = true;
  const frozen = { descriptor, unread: takeBuffered(socket), release };
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
  frozen.release();
}

/**
 * What the application writes waits in the socket, and so does its end, which no cork keeps: it
 * must not be sent to a client whom another may own. Returns how to let them go.
 */
export function holdWrites(socket: Socket): () => void {
  const own = Object.getOwnPropertyDescriptor(socket, 'end'); // An application may have set one.
  let isEndWanted = false;
  socket.cork();
  socket.end = (data?: unknown, encoding?: unknown, callback?: unknown): Socket => {
    isEndWanted = true;
    const listener = [data, encoding, callback].find((value) => typeof value === 'function');
    if (listener) socket.once('finish', listener as () => void);
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) return socket;
    socket.write(data, typeof encoding === 'string' ? (encoding as BufferEncoding) : undefined);
    return socket;
  };
  return () => {
    Reflect.deleteProperty(socket, 'end');
    if (own) Object.defineProperty(socket, 'end', own);
    socket.uncork();
    if (isEndWanted) socket.end();
  };
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
  forgetPeerName(socket);
  if (unread.byteLength > 0) socket.unshift(unread);
  if (timeoutMs > 0) socket.setTimeout(timeoutMs);
  return socket;
}

/** Bytes held back from an application, and how to give them back to it. */
export interface Collected {
  readonly unread: Uint8Array;
  /** The application hears again, of these bytes first. */
  giveBack(): void;
}

/**
 * Reads on until `count` bytes in all have come from the kernel; the application hears none of
 * them. Calls back once with what was unread then, or `undefined` past the limit of such bytes or
 * when the socket closes first. Returns how to give all back before that.
 */
export function collectUntil(
  socket: Socket,
  count: number,
  callback: (collected: Collected | undefined) => void,
): () => void {
  const silenced = silence(socket);
  const chunks: Uint8Array[] = [];
  let length = 0;
  let isWaiting = true;
  const stop = () => {
    isWaiting = false;
    socket.off('readable', look).off('close', look);
  };
  let isGivenBack = false;
  const giveBack = () => {
    stop();
    if (isGivenBack) return; // A second time it would have every listener hear twice.
    isGivenBack = true;
    const unread = Buffer.concat(chunks.splice(0));
    if (unread.length > 0 && !socket.destroyed) socket.unshift(unread);
    silenced.restore();
  };
  const look = () => {
    if (!isWaiting) return;
    length += socket.readableLength;
    if (socket.readableLength > 0) chunks.push(takeBuffered(socket));
    if (length > limits.relayedBytesMax || socket.destroyed) {
      giveBack();
      callback(undefined);
    } else if (socket.bytesRead >= count) {
      stop();
      stopReading(socket);
      callback({ unread: new Uint8Array(Buffer.concat(chunks)), giveBack });
    }
  };
  socket.on('readable', look).on('close', look);
  look();
  return giveBack;
}

/** Stops a socket's handle until `beginReading`. */
export function stopReading(socket: Socket): void {
  const handle = handleOf(socket);
  if (!handle) return;
  handle.readStop();
  handle.reading = false;
}

/**
 * A new socket over a frozen one's handle; it reads when it is asked to. The old one, whose unread
 * bytes go another way, has nothing left but to be destroyed.
 */
export function moveHandle(socket: Socket, onread?: OnReadOpts): Socket | undefined {
  const handle = releaseHandle(socket);
  if (!handle) return undefined;
  handle.reading = false;
  const allowHalfOpen = onread === undefined;
  const options = { handle, allowHalfOpen, manualStart: true, ...(onread && { onread }) };
  return new Socket(options);
}

/**
 * Lets a socket read from the kernel, even if nobody listens to its bytes yet. The handle itself is
 * started: a stream that has asked for bytes once does not ask again until some have come.
 */
export function beginReading(socket: Socket): void {
  const handle = handleOf(socket);
  if (!handle || handle.reading) return;
  handle.reading = true;
  handle.readStart();
}

/** Whether the client's end has come; 'end' follows what was sent before it, once that is read. */
export const hasEnd = (socket: Socket): boolean =>
  (socket as unknown as { _readableState: { ended: boolean } })._readableState.ended;

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

/** Takes away an application's listeners to bytes, without a byte lost. */
function silence(socket: Socket): { restore: () => void } {
  type Listener = (chunk: Buffer) => void;
  const data = socket.rawListeners('data') as Listener[];
  const readable = socket.rawListeners('readable') as Listener[];
  const wasFlowing = socket.readableFlowing === true;
  socket.pause();
  for (const listener of data) socket.off('data', listener);
  for (const listener of readable) socket.off('readable', listener);
  const restore = () => {
    for (const listener of data) socket.on('data', listener);
    for (const listener of readable) socket.on('readable', listener);
    if (wasFlowing) socket.resume();
  };
  return { restore };
}
