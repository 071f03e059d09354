/**
 * Routes to networks behind routers (CM-4): one entry for each subnet of the table that no adapter
 * of this node is on, by a router of this node. A destination's first network goes by the first
 * router, its second by the second, so that alternates do not share a way.
 */
import type { Clock } from './clock.ts';
import type { AdapterRow, Row } from './row.ts';
import { isInSubnet, subnetOf } from './subnets.ts';

export interface TableRoute {
  /** As `192.0.2.0/24`. */
  readonly subnet: string;
  readonly router: string;
  /** This node's address, from which datagrams leave. */
  readonly from: string;
}
export interface ShownRoute extends TableRoute {
  /** Whether it stands in the kernel; without the privilege it does not. */
  readonly isInstalled: boolean;
}

/** Who puts routes into the kernel, where that is allowed. A rejection means: not installed. */
export interface RouteInstaller {
  install(route: TableRoute): Promise<void>;
  remove(route: TableRoute): Promise<void>;
  /** Puts back what the kernel has lost of it since. */
  restore(): Promise<void>;
}

export function routesFrom(own: readonly AdapterRow[], rows: readonly Row[]): TableRoute[] {
  const routed = own.flatMap(({ address, router }) => (router ? [{ address, router }] : []));
  const routes = new Map<string, TableRoute>();
  if (routed.length === 0) return [];
  for (const { adapters, status } of rows) {
    if (status !== 'present') continue;
    for (const [place, adapter] of adapters.entries()) {
      if (own.some((one) => isInSubnet(adapter.address, one))) continue;
      const by = routed[place % routed.length];
      const subnet = subnetOf(adapter);
      if (by && !routes.has(subnet)) {
        routes.set(subnet, { subnet, router: by.router, from: by.address });
      }
    }
  }
  return [...routes.values()];
}

export class Routes {
  readonly #installer: RouteInstaller | undefined;
  /** By subnet and router, whether it is installed. */
  readonly #shown = new Map<string, { route: TableRoute; isInstalled: boolean }>();
  /** One change of the kernel's table after another. */
  #work: Promise<void> = Promise.resolve();
  #isDue = false;

  constructor(installer?: RouteInstaller) {
    this.#installer = installer;
  }

  get all(): ShownRoute[] {
    return [...this.#shown.values()].map(({ route, isInstalled }) => ({ ...route, isInstalled }));
  }

  /** The table has changed: looked at once a turn, however many rows it brought. */
  followLater(clock: Pick<Clock, 'defer'>, wanted: () => readonly TableRoute[]): void {
    if (!this.#isDue) clock.defer(() => this.#look(wanted));
    this.#isDue = true;
  }

  #look(wanted: () => readonly TableRoute[]): void {
    this.#isDue = false;
    this.follow(wanted());
  }

  /** What is new is installed, what is gone is removed. */
  follow(routes: readonly TableRoute[]): void {
    const wanted = new Map(routes.map((route) => [`${route.subnet} ${route.router}`, route]));
    for (const [key, entry] of this.#shown) {
      if (wanted.has(key)) continue;
      this.#shown.delete(key);
      this.#later(async () => {
        if (entry.isInstalled) await this.#installer?.remove(entry.route);
      });
    }
    for (const [key, route] of wanted) {
      if (this.#shown.has(key)) continue;
      const entry = { route, isInstalled: false };
      this.#shown.set(key, entry);
      this.#later(async () => {
        if (!this.#installer || this.#shown.get(key) !== entry) return;
        await this.#installer.install(route);
        entry.isInstalled = true;
      });
    }
  }

  /** Settles when the kernel is as it was before. */
  async close(): Promise<void> {
    this.follow([]);
    await this.#work;
  }

  #later(change: () => Promise<void>): void {
    // Refused: the route is shown as not installed.
    this.#work = this.#work.then(change).catch(() => undefined);
  }
}
