/**
 * Routes of the address table in the kernel's own (CM-4), by iproute2's `ip`: installed where the
 * privilege allows (CAP_NET_ADMIN) and removed again. They are marked as this project's, so that
 * who reads `ip route` knows them, and one that a killed node left is taken over.
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

export class KernelRoutes implements RouteInstaller {
  /** By subnet and router. What was there before is not in it, and stays. */
  readonly #own = new Map<string, TableRoute>();

  /** Rejects with the kernel's word where it is not allowed, or another route is in the way. */
  async install(route: TableRoute): Promise<void> {
    const isOwn = await add(route);
    if (isOwn) this.#own.set(keyOf(route), route);
  }

  /** A cable that was cut took its routes along: they are put back where it leads on again. */
  async restore(): Promise<void> {
    for (const route of this.#own.values()) await add(route).catch(() => undefined); // Not yet.
  }

  async remove(route: TableRoute): Promise<void> {
    if (!this.#own.delete(keyOf(route))) return;
    // It may have gone with its cable.
    await run('ip', ['route', 'del', ...words(route)]).catch(() => undefined);
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
