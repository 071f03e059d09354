/**
 * The last words to a client that may still be sending. A socket that is closed with bytes unread
 * sends a reset, which can overtake what was just written to it. Source: RFC 9112, section 9.6.
 */
import type { Socket } from 'node:net';
import { limits } from '../limits.ts';

/** Sends the words and the end, and drops what still comes. Settles when the socket is closed. */
export function endLingering(socket: Socket, words: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) {
      resolve();
      return;
    }
    const timer = setTimeout(() => socket.destroy(), limits.lingerMs);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    if (socket.writable) socket.end(words);
    socket.resume();
  });
}
