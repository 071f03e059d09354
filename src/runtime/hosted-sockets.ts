/**
 * UDP sockets of a thread that may be killed, held by one that is not. Node aborts the whole
 * process when a datagram reaches a thread that is being terminated (`UDPWrap::OnRecv` hands it to
 * JavaScript without asking whether it may; seen on Node 20.20): no node's thread has one (CM-1).
 */
import type { MessagePort } from 'node:worker_threads';
import type { DatagramListener, DatagramSocket, OpenDatagramSocket } from '../io/udp.ts';
import { limits } from '../limits.ts';

/** A datagram with the number of its socket, and whom it is from or to. */
type Datagram = readonly [socket: number, bytes: Uint8Array, address: string, port: number];

/** What the thread says. */
type Order =
  | {
      readonly type: 'open';
      readonly socket: number;
      readonly address: string;
      readonly port: number;
      readonly classOfService: number | undefined;
    }
  | { readonly type: 'close'; readonly socket: number }
  | Passed;
/** What is said to it. */
type Word =
  | {
      readonly type: 'opened';
      readonly socket: number;
      readonly port: number;
      readonly isMarked: boolean | undefined;
    }
  | { readonly type: 'failed'; readonly socket: number; readonly error: SystemError }
  | {
      readonly type: 'unsent';
      readonly socket: number;
      readonly error: SystemError;
      readonly address: string;
      readonly port: number;
    }
  | Passed;
/** Either way: datagrams of one turn, and how many of the other side's were taken. */
interface Passed {
  readonly type: 'passed';
  readonly datagrams: readonly Datagram[];
  readonly taken: number;
}

/** What is left of an error between threads. */
interface SystemError {
  readonly message: string;
  readonly code: string | undefined;
}
const wordsOf = ({ message, code }: NodeJS.ErrnoException): SystemError => ({ message, code });
const errorOf = ({ message, code }: SystemError): NodeJS.ErrnoException =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

/**
 * Posts datagrams once a turn, or a burst of them at once, so that the other side works meanwhile;
 * what it does not take is dropped, as UDP may.
 */
class Passage {
  readonly #post: (passed: Passed) => void;
  #datagrams: Datagram[] = [];
  #untaken = 0;
  #taken = 0;
  #isDue = false;

  constructor(post: (passed: Passed) => void) {
    this.#post = post;
  }

  pass(datagram: Datagram): void {
    if (this.#untaken >= limits.hostedDatagramsMax) return;
    this.#untaken += 1;
    this.#datagrams.push(datagram);
    this.#postLater();
    if (this.#datagrams.length >= limits.hostedBurst) this.flush();
  }

  /** What came from the other side: how much of this side's it took, and what it passes. */
  take({ datagrams, taken }: Passed, each: (datagram: Datagram) => void): void {
    this.#untaken -= taken;
    for (const datagram of datagrams) each(datagram);
    if (datagrams.length === 0) return;
    this.#taken += datagrams.length;
    this.#postLater();
  }

  /** What is to be passed leaves now. */
  flush(): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    this.#post({ type: 'passed', datagrams: this.#datagrams, taken: this.#taken });
    this.#datagrams = [];
    this.#taken = 0;
  }

  #postLater(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => this.flush());
  }
}

/**
 * Opens the sockets that a thread asks for. Settles when the thread has ended, what it said last is
 * sent, and they are closed.
 */
export function hostSockets(port: MessagePort, open: OpenDatagramSocket): Promise<void> {
  const sockets = new Map<number, DatagramSocket>();
  let isClosed = false;
  const say = (word: Word) => {
    if (!isClosed) port.postMessage(word);
  };
  const passage = new Passage(say);
  const listenerOf = (socket: number): DatagramListener => ({
    onOpen: (bound, isMarked) => say({ type: 'opened', socket, port: bound, isMarked }),
    onDatagram: (bytes, address, from) => passage.pass([socket, bytes, address, from]),
    onFailed: (error) => say({ type: 'failed', socket, error: wordsOf(error) }),
    onUnsent: (error, address, to) =>
      say({ type: 'unsent', socket, error: wordsOf(error), address, port: to }),
  });
  port.on('message', (order: Order) => {
    if (order.type === 'open') {
      const { socket, address, port: at, classOfService } = order;
      sockets.set(socket, open(address, at, listenerOf(socket), classOfService));
    } else if (order.type === 'close') {
      sockets.get(order.socket)?.close();
      sockets.delete(order.socket);
    } else {
      passage.take(order, ([socket, bytes, address, to]) =>
        sockets.get(socket)?.send(bytes, address, to),
      );
    }
  });
  return new Promise((resolve) => {
    port.on('close', () => {
      isClosed = true;
      for (const socket of sockets.values()) socket.close();
      sockets.clear();
      resolve();
    });
  });
}

/** The same sockets, seen from the thread that asks for them. */
export function hostedSockets(port: MessagePort): OpenDatagramSocket {
  const listeners = new Map<number, DatagramListener>();
  let opened = 0;
  const order = (what: Order) => port.postMessage(what);
  const passage = new Passage(order);
  port.on('message', (word: Word) => {
    if (word.type === 'passed') {
      passage.take(word, ([socket, bytes, address, from]) =>
        listeners
          .get(socket)
          ?.onDatagram(
            Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
            address,
            from,
          ),
      );
      return;
    }
    const listener = listeners.get(word.socket);
    if (word.type === 'opened') listener?.onOpen(word.port, word.isMarked);
    else if (word.type === 'unsent') {
      listener?.onUnsent(errorOf(word.error), word.address, word.port);
    } else listener?.onFailed(errorOf(word.error));
  });
  port.unref(); // It keeps no thread alive.
  return (address, at, listener, classOfService) => {
    opened += 1;
    const socket = opened;
    listeners.set(socket, listener);
    order({ type: 'open', socket, address, port: at, classOfService });
    return {
      // A copy: whoever sends may use the memory again at once.
      send: (bytes, to, toPort) => passage.pass([socket, Uint8Array.from(bytes), to, toPort]),
      close: () => {
        passage.flush(); // Its last words go before.
        if (listeners.delete(socket)) order({ type: 'close', socket });
      },
    };
  };
}
