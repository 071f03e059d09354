/** One node's hands on the pools of source ports, with the machines that work them. */
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { NodeId } from '../../actors/vocabulary.ts';
import { InterplexError, sentenceOf } from '../errors.ts';
import { limits } from '../limits.ts';
import type { RestingPortFigures } from '../inspect/figures.ts';
import { mapOf, poolName, type PoolMap } from '../ports/pool-map.ts';
import { PoolWords } from '../ports/pool-words.ts';
import { socketsFrom } from '../io/outbound.ts';
import type { WantPorts } from '../ports/host-words.ts';
import {
  addressOf,
  holds,
  normalized,
  poolOf,
  type PortProtocol,
  type SharedPool,
} from '../ports/shared-pool.ts';
import type { PortSource } from '../ports/port-source.ts';
import { SourcePorts } from '../ports/source-ports.ts';
import { stopped, StackPool } from '../ports/stack-pool.ts';
import type { Sight } from '../runtime/sight.ts';
import { portBlockLogic, portLockLogic } from './provide.ts';

export interface NodePortsOptions {
  readonly nodes: readonly NodeId[];
  /** Its number: a node's in the configuration, or one beyond. */
  readonly stack: number;
  /** Shared by all: those that are added are seen by whoever looks again. */
  readonly pools: SharedPool[];
  readonly log: Logger;
  readonly sight: Sight;
  /** How this process is asked for more ports of its host's. */
  readonly want: WantPorts;
}

export class NodePorts {
  readonly sources: SourcePorts;
  readonly #options: NodePortsOptions;
  readonly #stacks = new Map<SharedPool, StackPool>();
  #isClosed = false;
  /** Of all stacks, by their numbers. */
  readonly names: readonly string[];

  constructor(options: NodePortsOptions) {
    this.#options = options;
    this.names = stackNames(options.nodes);
    this.sources = new SourcePorts((address, protocol) => this.#sourceOf(address, protocol));
    for (const pool of options.pools) this.begin(pool);
  }

  /** A life of this stack begins in that pool: whoever had its number before is dead. */
  begin({ shape, memory }: SharedPool): void {
    new PoolWords(shape, new Int32Array(memory)).begin(this.#options.stack);
  }

  /**
   * Ports are shared from now on that were not: connections that live here already claim theirs
   * first (SP-8). One that another node's connection has, too, is named, and counts as a conflict
   * until it closes.
   */
  async register(added: readonly SharedPool[]): Promise<PortConflict[]> {
    for (const pool of added) {
      if (!this.#options.pools.includes(pool)) this.#options.pools.push(pool);
      this.begin(pool);
    }
    const places = new Set(added.map(({ address }) => address));
    const sockets = socketsFrom((address) => Array.from(places).some((one) => holds(one, address)));
    const claims = sockets.map((socket) => this.#claimFor(socket));
    return (await Promise.all(claims)).flat();
  }

  async #claimFor(socket: Socket): Promise<PortConflict[]> {
    const { localAddress = '', localPort: port = 0 } = socket;
    const address = normalized(localAddress);
    const pool = poolOf(this.#options.pools, address, 'tcp');
    if (pool === false) return [{ address, port, reason: this.#unpooled(address).message }];
    const stack = pool && this.stackOf(pool);
    if (!stack?.has(port)) return []; // It is none of the pool.
    try {
      await stack.claim(port);
      if (socket.closed) stack.release(port, stack.restMs);
      else socket.once('close', () => stack.release(port, stack.restMs));
      return [];
    } catch (error) {
      stack.noteConflict(1);
      if (socket.closed) stack.noteConflict(-1);
      else socket.once('close', () => stack.noteConflict(-1));
      return [{ address, port, reason: sentenceOf(error) }];
    }
  }

  /** This stack's part of the pool; `undefined` for a range's that no address has. */
  stackOf(shared: SharedPool): StackPool | undefined {
    const known = this.#stacks.get(shared);
    const address = known?.address ?? addressOf(shared);
    if (known || address === undefined) return known;
    const { stack, log, sight, want: wantOf } = this.#options;
    const logics = { lock: portLockLogic, block: portBlockLogic };
    const want = (port?: number) => wantOf(shared.id, port);
    const { names } = this;
    const made = new StackPool({ shared, address, stack, names, logics, log, sight, want });
    this.#stacks.set(shared, made);
    return made;
  }

  /** A stack has ended for certain: what it held is everybody's again. The number of its units. */
  reclaim(stack: number): number {
    let count = 0;
    for (const pool of this.#options.pools) count += this.stackOf(pool)?.reclaim(stack) ?? 0;
    return count;
  }

  /** For the inspector: who has which port, from shared memory. */
  maps(): PoolMap[] {
    const { names } = this;
    const options = { names, coordinator: this.#coordinator, runsMax: limits.inspectRunsMax };
    return this.#options.pools.flatMap((pool) => mapOf(pool, options) ?? []);
  }

  /** The number of the stack that keeps endpoints' ports for them. */
  get #coordinator(): number {
    return this.#options.nodes.length;
  }

  /** For the inspector: which of its ports rest, by pool. */
  resting(): RestingPortFigures[] {
    return Array.from(this.#stacks.values(), (stack) => ({
      pool: poolName(stack),
      ...stack.resting(),
    })).filter(({ ports, foreign }) => ports.length + foreign.length > 0);
  }

  close(): void {
    this.#isClosed = true;
    for (const stack of this.#stacks.values()) stack.close();
  }

  #sourceOf(address: string, protocol: PortProtocol): PortSource {
    if (this.#isClosed) throw stopped();
    const found = poolOf(this.#options.pools, address, protocol);
    const source = found && this.stackOf(found);
    if (source) return source;
    if (found === false) throw this.#unpooled(address);
    const sentence = `No VIPA shares the ports of ${address}: set sharedPorts where it is defined.`;
    throw new InterplexError('IPX_PORTS_UNSHARED', sentence);
  }

  #unpooled(address: string): InterplexError {
    const sentence =
      `${address} is one of a range of which ${limits.portRangePools} addresses share ports ` +
      'already: use one of those.';
    return new InterplexError('IPX_PORTS_UNSHARED', sentence);
  }
}

/** A connection from before its address was shared, on a port that another node has, too. */
export interface PortConflict {
  readonly address: string;
  readonly port: number;
  /** Who has it, and what to do. */
  readonly reason: string;
}

/** The stacks of a process by their numbers. */
const stackNames = (nodes: readonly string[]): readonly string[] => [...nodes, 'the coordinator'];
