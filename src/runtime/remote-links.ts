/**
 * A node's links to nodes of other processes, as long as both are members. To the rest of the node
 * they are links like any other: opened when both ends know each other, closed and lost when one
 * of them says so, or the membership does, or a message could not be delivered. Between processes
 * that is no certainty; whatever must be certain asks the one who owns it (a relay's ticket).
 */
import type { Logger } from 'pino';
import type { NodeId } from '../../actors/vocabulary.ts';
import { sentenceOf } from '../errors.ts';
import { limits } from '../limits.ts';
import {
  decodeLinkWord,
  encodeLinkWord,
  type OpenWord,
  type SpokenWord,
} from '../wire/link-word.ts';
import type { ParcelPort } from './link.ts';
import { RemotePort } from './remote-port.ts';

export interface RemoteLinksOptions {
  /**
   * Sends to a node reliably, in the order of the calls: settles when it is there, rejects when it
   * was given up.
   */
  readonly send: (to: NodeId, bytes: Buffer) => Promise<void>;
  readonly open: (peer: NodeId, port: ParcelPort) => void;
  /** The peer's link is closed, and it is lost for this node. */
  readonly lose: (peer: NodeId) => void;
  readonly log: Logger;
}

export class RemoteLinks {
  readonly #options: RemoteLinksOptions;
  readonly #ports = new Map<NodeId, RemotePort>();
  readonly #members = new Set<NodeId>();
  /** Members whose link broke: it is opened again after a pause, which grows. */
  readonly #retries = new Map<NodeId, { timer: NodeJS.Timeout; pauseMs: number }>();
  #lastSession = 0;
  #isClosing = false;

  constructor(options: RemoteLinksOptions) {
    this.#options = options;
  }

  /** The membership's word that a peer is there, or is there again. */
  joined(peer: NodeId): void {
    this.#members.add(peer);
    if (!this.#ports.has(peer)) this.#begin(peer);
  }

  /** Its word that a peer is gone. */
  left(peer: NodeId, reason: string): void {
    this.#members.delete(peer);
    this.#forgetRetry(peer);
    this.#ports.get(peer)?.fail(reason);
  }

  hear(from: NodeId, bytes: Buffer): void {
    const word = decodeLinkWord(bytes);
    if (!word || this.#isClosing) return;
    const port = this.#ports.get(from);
    if (word.kind === 'open') this.#greet(from, word);
    else if (word.kind !== 'reset') this.#deliver(from, word);
    else if (word.to === port?.session) port.fail('it knows nothing of this link');
  }

  /** Lets what was posted leave, says that it is over, and waits a moment that it is heard. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const peer of this.#retries.keys()) this.#forgetRetry(peer);
    const ports = [...this.#ports.values()];
    for (const port of ports) if (port.peerSession === 0) port.fail(undefined);
    const flushed = Promise.all(ports.map((port) => port.flushed()));
    for (const port of ports) port.close();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, limits.confirmMs)));
    await Promise.race([flushed, late]);
    clearTimeout(timer);
    for (const port of ports) port.fail(undefined);
  }

  #begin(peer: NodeId, peerSession = 0): RemotePort {
    clearTimeout(this.#retries.get(peer)?.timer);
    // Later lives have higher sessions, in this process and, by its clock, in the next one.
    this.#lastSession = Math.max(this.#lastSession + 1, Date.now());
    const session = this.#lastSession;
    const port = new RemotePort({
      session,
      send: (bytes) => this.#options.send(peer, bytes),
      onOver: (reason) => this.#end(peer, port, reason),
    });
    this.#ports.set(peer, port);
    this.#say(peer, port, peerSession);
    return port;
  }

  /** One that is no member yet is greeted when it is: then this end begins. */
  #greet(from: NodeId, { session, to }: OpenWord): void {
    const known = this.#ports.get(from);
    const isLate = known !== undefined && known.peerSession > session; // Of an earlier life.
    if (isLate || !this.#members.has(from)) return;
    if (known && known.peerSession !== 0 && known.peerSession !== session) {
      known.fail('it began anew');
    }
    const port = this.#ports.get(from) ?? this.#begin(from, session);
    if (port === known && to !== port.session) this.#say(from, port, session);
    if (port.peerSession === 0) this.#establish(from, port, session);
  }

  #deliver(from: NodeId, word: SpokenWord): void {
    const port = this.#ports.get(from);
    if (port?.session !== word.to) {
      const refusal = encodeLinkWord({ kind: 'reset', session: 0, to: word.session });
      this.#options.send(from, refusal).catch(ignore);
      return;
    }
    if (port.peerSession === word.session) port.take(word);
  }

  #establish(peer: NodeId, port: RemotePort, session: number): void {
    this.#forgetRetry(peer);
    port.establish(session);
    this.#options.open(peer, port);
  }

  #say(peer: NodeId, port: RemotePort, to: number): void {
    const word = encodeLinkWord({ kind: 'open', session: port.session, to });
    this.#options.send(peer, word).catch((error: unknown) => port.fail(sentenceOf(error)));
  }

  #end(peer: NodeId, port: RemotePort, reason: string | undefined): void {
    if (this.#ports.get(peer) !== port) return;
    this.#ports.delete(peer);
    if (port.peerSession !== 0) this.#options.lose(peer);
    if (reason === undefined || this.#isClosing || !this.#members.has(peer)) return;
    this.#options.log.info({ peer, reason }, `the link to ${peer} broke: ${reason}`);
    this.#retry(peer);
  }

  #retry(peer: NodeId): void {
    const { least, most } = limits.backoffMs;
    const earlier = this.#retries.get(peer)?.pauseMs ?? least / 2;
    const pauseMs = Math.min(earlier * 2, most);
    const timer = setTimeout(() => this.#begin(peer), pauseMs);
    this.#retries.set(peer, { timer, pauseMs });
  }

  #forgetRetry(peer: NodeId): void {
    clearTimeout(this.#retries.get(peer)?.timer);
    this.#retries.delete(peer);
  }
}

/** Who cannot be told asks again, or is gone. */
const ignore = () => undefined;
