/**
 * A cluster of real processes: `interplex run` for each, over loopback addresses that stand for
 * networks. Each cluster has addresses of its own, so that none meets another's datagrams.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ClusterOptions, NodeSettings } from 'interplex';
import { applicationAt } from './application-at.ts';
import { TestClient } from './test-client.ts';
import { until } from './until.ts';

const command = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const steered = applicationAt('steered').href;
const patienceMs = 20_000;
let clusters = 0;

/** A line of `interplex run --json`. */
export interface Told {
  readonly event: string;
  readonly node?: string;
  readonly status?: string;
  readonly members?: readonly { readonly node: string; readonly status: string }[];
  readonly vipas?: readonly { readonly vipa: string; readonly port: number }[];
  readonly inspect?: string;
}

/** How a command is started: in a namespace, or simply here. */
export type Launch = (words: readonly string[]) => ChildProcess;

const launchHere: Launch = (words) => {
  const [program = '', ...others] = words;
  return spawn(program, others, { stdio: ['ignore', 'pipe', 'pipe'] });
};

/** One process, and all that it has told. */
export class RunningProcess {
  readonly child: ChildProcess;
  readonly told: Told[] = [];
  readonly exited: Promise<number | null>;
  #errors = '';

  constructor(child: ChildProcess) {
    this.child = child;
    this.exited = once(child, 'exit').then(([code]) => code as number | null);
    child.stderr?.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
    if (!child.stdout) throw new Error('Its standard output is read.');
    createInterface(child.stdout).on('line', (line) => this.told.push(JSON.parse(line) as Told));
  }

  get errors(): string {
    return this.#errors;
  }

  /** Settles with the first line for which it holds. */
  async tells(what: string, holds: (told: Told) => boolean): Promise<Told> {
    let found: Told | undefined;
    const hasTold = () => {
      found = this.told.find(holds);
      if (!found && this.child.exitCode !== null) throw new Error(`It ended: ${this.#errors}`);
      return found !== undefined;
    };
    await until(what, hasTold, patienceMs);
    if (!found) throw new Error('It was found.');
    return found;
  }

  /** As that process sees it, of late. */
  statusOf(node: string): string | undefined {
    const seen = this.told.flatMap((told): readonly Pick<Told, 'node' | 'status'>[] =>
      told.event === 'member.changed' ? [told] : (told.members ?? []),
    );
    return seen.findLast((member) => member.node === node)?.status;
  }

  sees(node: string, status: string): Promise<void> {
    return until(`${node} is ${status}`, () => this.statusOf(node) === status, patienceMs);
  }

  /** Asks it to end well. Settles with its exit code. */
  stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.exited;
  }

  kill(): Promise<number | null> {
    this.child.kill('SIGKILL');
    return this.exited;
  }
}

export interface ProcessesOptions {
  /** All nodes of the cluster, by name; their adapters are given to them. Default: as below. */
  readonly nodes?: Readonly<Record<string, NodeSettings>>;
  readonly seeds?: readonly string[];
  readonly changes?: Partial<ClusterOptions>;
  readonly launch?: Launch;
}

/** `edge` owns the endpoint; `hall-1` and `hall-2` are targets. */
export class Processes {
  readonly #folder = mkdtempSync(join(tmpdir(), 'interplex-processes-'));
  readonly #running = new Set<RunningProcess>();
  readonly #clients: TestClient[] = [];
  readonly #launch: Launch;
  readonly #options: ClusterOptions;
  readonly file: string;
  readonly seeds: readonly string[];
  readonly key = randomBytes(32).toString('hex');
  #port = 0;

  constructor({ nodes, seeds, changes, launch = launchHere }: ProcessesOptions = {}) {
    clusters += 1;
    this.#launch = launch;
    const at = (place: number) => [this.#adapter(1, place), this.#adapter(2, place)];
    const room = { run: ['room'] };
    const placed = Object.entries(nodes ?? { edge: {}, 'hall-1': room, 'hall-2': room }).map(
      ([id, settings], index) => [id, { adapters: at(index + 1), ...settings }] as const,
    );
    this.seeds = seeds ?? at(1).map(({ address, port }) => `${address}:${port}`);
    const options = {
      applications: { lobby: steered, room: steered },
      nodes: Object.fromEntries(placed),
      vipas: { chat: { address: '127.0.0.1', port: 0, routing: 'lobby', owner: 'edge' } },
      messaging: { key: this.key, seeds: this.seeds },
      ...changes,
    };
    this.#options = options;
    this.file = this.write('cluster.json', JSON.stringify(options));
  }

  /** The same configuration, but for these options, as another file. */
  variant(name: string, changes: Partial<ClusterOptions>): string {
    return this.write(name, JSON.stringify({ ...this.#options, ...changes }));
  }

  /** A file beside the configuration. */
  write(name: string, text: string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Starts a process with these nodes. Settles when it is ready. */
  async start(here: readonly string[], file = this.file): Promise<RunningProcess> {
    const running = this.launch('run', file, '--here', ...here, '--json');
    const { vipas } = await running.tells('it is ready', ({ event }) => event === 'ready');
    const chat = vipas?.find(({ vipa }) => vipa === 'chat');
    if (chat) this.#port = chat.port;
    return running;
  }

  /** Any command of ours. */
  launch(...words: readonly string[]): RunningProcess {
    const running = new RunningProcess(this.#launch([process.execPath, command, ...words]));
    this.#running.add(running);
    void running.exited.then(() => this.#running.delete(running));
    return running;
  }

  async connect(options?: { allowHalfOpen?: boolean }): Promise<TestClient> {
    const client = await TestClient.connect(this.#port, options);
    this.#clients.push(client);
    return client;
  }

  /** A client of whoever answers, once these and no others listen. */
  async connectWhenListed(nodes: readonly string[]): Promise<TestClient> {
    const client = await this.connect();
    const areListed = async () => {
      const targets = await client.ask<{ node: string }[]>({ do: 'targets' });
      return JSON.stringify(targets.map(({ node }) => node)) === JSON.stringify(nodes);
    };
    await until(`${nodes.join(', ')} are listed`, areListed, patienceMs);
    return client;
  }

  /** Nothing is left of it. */
  async stop(): Promise<void> {
    for (const { socket } of this.#clients) socket.destroy();
    await Promise.all([...this.#running].map((running) => running.kill()));
    rmSync(this.#folder, { recursive: true });
  }

  /** By process and cluster, so that two test runs on one machine do not meet either. */
  #adapter(network: number, place: number): { address: string; port: number } {
    const port = 20_000 + ((process.pid * 8 + clusters) % 40_000);
    return { address: `127.77.${network}.${place}`, port };
  }
}
