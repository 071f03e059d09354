/**
 * A process that leases, binds and gives back source ports at random, and writes down what it did:
 * each line has reached the kernel before the next act, so that no kill loses it. Its code is a
 * text, which needs no loader of TypeScript.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { SharedPortsSettings } from 'interplex';
import { judgeAll, type PortAct } from '#internal/check/models/port-judge';

const product = createRequire(import.meta.url);
const interplex = pathToFileURL(product.resolve('interplex')).href;

export interface HostUse {
  readonly localAddress: string;
  readonly subnet: string;
  readonly sharedPorts: SharedPortsSettings;
  /** Where it writes. */
  readonly log: string;
  /** How many ports it holds at most. */
  readonly held: number;
  /** Whether it binds given ports, too: each such port leases its whole block. */
  readonly binds: boolean;
}

const code = `
import { openSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
const use = JSON.parse(process.argv.at(-1));
const { startNode } = await import(${JSON.stringify(interplex)});
const file = openSync(use.log, 'a');
const record = (type, port) =>
  writeSync(file, process.hrtime.bigint() + ' ' + type + ' ' + port + '\\n');
const vipas = { out: { kind: 'range', subnet: use.subnet, sharedPorts: use.sharedPorts } };
const node = await startNode({ id: 'n', applications: {}, vipas, log: { level: 'silent' } });
const { localAddress } = use;
const { first, last } = use.sharedPorts;
const held = [];
const known = ['IPX_PORTS_EXHAUSTED', 'IPX_PORT_TAKEN', 'IPX_PORTS_LOST'];
const take = async (obtain) => {
  try {
    const lease = await obtain();
    record('held', lease.port); // Once it is held.
    held.push(lease);
  } catch (error) {
    if (!known.includes(error.code)) throw error;
  }
};
const give = () => {
  const [lease] = held.splice(Math.floor(Math.random() * held.length), 1);
  if (!lease) return;
  record('given', lease.port); // While it is still held.
  lease.release({ wasUsed: false });
};
const port = () => first + Math.floor(Math.random() * (last - first + 1));
const lease = () => node.ports.lease({ localAddress });
const bind = () => node.ports.bind({ address: localAddress, port: port() });
let isOver = false;
process.stdin.on('data', () => { isOver = true; });
process.stdin.on('end', () => process.exit()); // Its test is over, or has failed.
process.stdout.write('begun\\n');
while (!isOver) {
  for (let act = 0; act < 20; act += 1) {
    const chance = Math.random();
    if (held.length < use.held && chance < 0.6) await take(lease);
    else if (chance < 0.65 && use.binds) await take(bind);
    else give();
  }
  await pause(1);
}
while (held.length > 0) give();
await node.stop();
process.stdin.destroy();
`;

export class HostProcess {
  readonly #child: ChildProcess;
  readonly #use: HostUse;
  readonly name: string;

  private constructor(name: string, use: HostUse) {
    this.name = name;
    this.#use = use;
    const args = ['--input-type=module', '-e', code, JSON.stringify(use)];
    this.#child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  }

  static async begin(name: string, use: HostUse): Promise<HostProcess> {
    const begun = new HostProcess(name, use);
    await once(begun.#child.stdout!, 'data');
    return begun;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Whether it is stopped, or goes on. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name);
  }

  /** By what it wrote last. */
  holds(): number[] {
    return Object.keys(judgeAll(inOrder(this.#written())).holders).map(Number);
  }

  /** At once, whatever it does. What it did until then, and that it died. */
  async kill(): Promise<TimedAct[]> {
    const killedAt = process.hrtime.bigint();
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
    return this.#acts(killedAt);
  }

  /** It gives back all, and ends. */
  async end(): Promise<TimedAct[]> {
    const exited = once(this.#child, 'exit');
    this.#child.stdin!.write('end\n');
    const [status] = (await exited) as [number];
    if (status !== 0) throw new Error(`${this.name} failed.`);
    return this.#acts(process.hrtime.bigint());
  }

  #acts(endedAt: bigint): TimedAct[] {
    const acts = this.#written();
    const last = acts.at(-1)?.[0] ?? 0n;
    const stack = this.name;
    return [...acts, [last >= endedAt ? last + 1n : endedAt, { type: 'died', stack }]];
  }

  #written(): TimedAct[] {
    const stack = this.name;
    const lines = readFileSync(this.#use.log, 'utf8').split('\n').slice(0, -1);
    return lines.map((line): TimedAct => {
      const [time = '', type = '', port] = line.split(' ');
      return [BigInt(time), { type: type as 'held' | 'given', stack, port: Number(port) }];
    });
  }
}
/** The clock is one for all processes of a host. */
export type TimedAct = readonly [time: bigint, act: PortAct];
export const inOrder = (acts: readonly TimedAct[]): PortAct[] =>
  acts.toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, act]) => act);
