/**
 * Routes of the address table in the kernel's own (CM-4), by iproute2's `ip`: installed where the
 * privilege allows (CAP_NET_ADMIN) and removed again. They are marked as this project's, so that
 * who reads `ip route` knows them, and one that a killed process left is taken over.
 *
 * The kernel has one table for all nodes of a process: a route stays while one of them needs it,
 * and is removed by the main thread when the last of them has ended, however it ended.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { sentenceOf } from '../errors.ts';
import type { RouteInstaller, TableRoute } from '../messaging/routes.ts';

const run = promisify(execFile);
/**
 * A routing protocol's number that nobody has registered: rt_protos leaves it to administrators.
 */
const protocol = '212';

interface Needed {
  readonly route: TableRoute;
  readonly by: Set<NodeRoutes>;
}

class KernelRoutes {
  /** By subnet and router. What was there before is not in it, and stays. */
  readonly #own = new Map<string, Needed>();
  /** One change after another: what one node removes another may install at the same moment. */
  #work: Promise<unknown> = Promise.resolve();

  install(route: TableRoute, by: NodeRoutes): Promise<void> {
    return this.#next(async () => {
      const needed = this.#own.get(keyOf(route));
      if (needed) needed.by.add(by);
      else if (await add(route)) this.#own.set(keyOf(route), { route, by: new Set([by]) });
    });
  }

  restore(): Promise<void> {
    return this.#next(async () => {
      // Not yet, where the cable is still cut.
      for (const { route } of this.#own.values()) await add(route).catch(() => undefined);
    });
  }

  remove(route: TableRoute, by: NodeRoutes): Promise<void> {
    return this.#next(() => this.#give(keyOf(route), by));
  }

  removeAll(by: NodeRoutes): Promise<void> {
    return this.#next(async () => {
      for (const key of this.#own.keys()) await this.#give(key, by);
    });
  }

  async #give(key: string, by: NodeRoutes): Promise<void> {
    const needed = this.#own.get(key);
    if (!needed?.by.delete(by) || needed.by.size > 0) return;
    this.#own.delete(key);
    // It may have gone with its cable.
    await run('ip', ['route', 'del', ...words(needed.route)]).catch(() => undefined);
  }

  #next(change: () => Promise<void>): Promise<void> {
    const done = this.#work.then(change);
    this.#work = done.catch(() => undefined); // Whoever asked is told.
    return done;
  }
}

const kernelRoutes = new KernelRoutes();

/** The routes of one node; of the main thread alone. */
export class NodeRoutes implements RouteInstaller {
  /** Rejects with the kernel's word where it is not allowed, or another route is in the way. */
  install(route: TableRoute): Promise<void> {
    return kernelRoutes.install(route, this);
  }

  /** A cable that was cut took its routes along: they are put back where it leads on again. */
  restore(): Promise<void> {
    return kernelRoutes.restore();
  }

  remove(route: TableRoute): Promise<void> {
    return kernelRoutes.remove(route, this);
  }

  /** The node has ended, perhaps without a word. */
  removeAll(): Promise<void> {
    return kernelRoutes.removeAll(this);
  }
}

const keyOf = ({ subnet, router }: TableRoute) => `${subnet} ${router}`;
const words = ({ subnet, router }: TableRoute) => [subnet, 'via', router, 'proto', protocol];

/** Whether it is this project's now. */
async function add(route: TableRoute): Promise<boolean> {
  try {
    await run('ip', ['route', 'add', ...words(route)]);
    return true;
  } catch (error) {
    if (!sentenceOf(error).includes('File exists')) throw error;
    const { stdout } = await run('ip', ['route', 'show', route.subnet]);
    if (!stdout.includes(`via ${route.router} `)) throw error; // Another's, which is let be.
    return stdout.includes(`proto ${protocol}`);
  }
}
