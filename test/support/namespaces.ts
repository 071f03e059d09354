/**
 * A network of its own: hosts and routers as network namespaces, cables as pairs of veth. It is
 * gone when the test is: what a killed test left behind is removed by the next.
 */
import { execFile, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ip = (...words: string[]) => run('ip', words);

/** Both ends' addresses in a subnet of 24 bits. */
export interface Cable {
  readonly between: readonly [string, string];
  readonly addresses: readonly [string, string];
}

const prefix = 'ipx';
const nameOf = (place: string, pid = process.pid) => `${prefix}-${pid}-${place}`;

/** Why namespaces cannot be made here, or nothing if they can. */
export async function missingPrivilege(): Promise<string | undefined> {
  const probe = nameOf('probe');
  try {
    await ip('netns', 'add', probe);
    await ip('-n', probe, 'link', 'add', 'name', 'a', 'type', 'veth', 'peer', 'name', 'b');
    return undefined;
  } catch (error) {
    return `no network namespaces here: ${String(error).split('\n')[1] ?? String(error)}`;
  } finally {
    await ip('netns', 'del', probe).catch(() => undefined); // It was never made.
  }
}

export class Network {
  readonly #places: readonly string[];
  readonly #cables: readonly Cable[];
  readonly #children = new Set<ChildProcess>();

  private constructor(cables: readonly Cable[]) {
    this.#cables = cables;
    this.#places = [...new Set(cables.flatMap(({ between }) => between))];
  }

  /** Routers forward. Nobody has routes yet but those of the cables. */
  static async make(routers: readonly string[], cables: readonly Cable[]): Promise<Network> {
    await sweep();
    const network = new Network(cables);
    try {
      await Promise.all(network.#places.map((place) => ip('netns', 'add', nameOf(place))));
      for (const cable of cables) await lay(cable);
      await Promise.all(
        network.#places.map((place) => network.#open(place, routers.includes(place))),
      );
      return network;
    } catch (error) {
      await network.remove();
      throw error;
    }
  }

  /** The command's standard output. */
  async run(place: string, command: string, ...words: string[]): Promise<string> {
    const { stdout } = await ip('netns', 'exec', nameOf(place), command, ...words);
    return stdout;
  }

  /** A process there. It is killed when the network is removed, if it still runs. */
  spawn(place: string, words: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', nameOf(place), ...words], options);
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  route(place: string, to: string, via: string): Promise<unknown> {
    return ip('-n', nameOf(place), 'route', 'add', to, 'via', via);
  }

  async routes(place: string): Promise<string[]> {
    const { stdout } = await ip('-n', nameOf(place), 'route', 'show');
    return stdout.split('\n').flatMap((line) => line.trim() || []);
  }

  /** The end at the first place is pulled out; the other loses its carrier too. */
  cut(at: string, from: string): Promise<unknown> {
    return this.#plug(at, from, 'down');
  }

  mend(at: string, from: string): Promise<unknown> {
    return this.#plug(at, from, 'up');
  }

  /** Nothing is left of it, whatever of it there was. */
  async remove(): Promise<void> {
    const ends = [...this.#children].map((child) => {
      child.kill('SIGKILL');
      return new Promise((resolve) => child.once('exit', resolve));
    });
    await Promise.all(ends);
    const removals = this.#places.map((place) => ip('netns', 'del', nameOf(place)));
    await Promise.allSettled(removals);
  }

  #plug(at: string, from: string, how: 'up' | 'down'): Promise<unknown> {
    const isLaid = this.#cables.some(
      ({ between }) => between.includes(at) && between.includes(from),
    );
    if (!isLaid) throw new Error(`No cable is laid between ${at} and ${from}.`);
    return ip('-n', nameOf(at), 'link', 'set', deviceOf(at, from), how);
  }

  async #open(place: string, isRouter: boolean): Promise<void> {
    await ip('-n', nameOf(place), 'link', 'set', 'lo', 'up');
    // A host with two cables answers by either: reverse paths are checked loosely.
    const settings = ['net/ipv4/conf/all/rp_filter=2', `net/ipv4/ip_forward=${Number(isRouter)}`];
    for (const setting of settings) {
      const [key = '', value = ''] = setting.split('=');
      await this.run(place, 'sh', '-c', `echo ${value} > /proc/sys/${key}`);
    }
  }
}

const deviceOf = (at: string, to: string) => `${at}-${to}`.slice(0, 15);

async function lay({ between: [a, b], addresses }: Cable): Promise<void> {
  const [here, there] = [deviceOf(a, b), deviceOf(b, a)];
  const peer = ['peer', 'name', there, 'netns', nameOf(b)];
  await ip('link', 'add', 'name', here, 'netns', nameOf(a), 'type', 'veth', ...peer);
  const ends = [
    { place: nameOf(a), device: here, address: addresses[0] },
    { place: nameOf(b), device: there, address: addresses[1] },
  ];
  for (const { place, device, address } of ends) {
    await ip('-n', place, 'address', 'add', `${address}/24`, 'dev', device);
    await ip('-n', place, 'link', 'set', device, 'up');
  }
}

/** Removes namespaces of processes that are no more. */
async function sweep(): Promise<void> {
  const { stdout } = await ip('netns', 'list');
  const left = [...stdout.matchAll(/^ipx-(\d+)-\S+/gm)].filter(([, pid]) => !isAlive(Number(pid)));
  await Promise.allSettled(left.map(([name]) => ip('netns', 'del', name)));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // There is no such process.
  }
}
