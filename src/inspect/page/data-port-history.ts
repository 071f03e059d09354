/** What each path of a data port carried, and where paths were reset and ports failed over. */
import type { DataPortFigures } from '../figures.ts';
import { bounds } from './bounds.ts';
import { History } from './history.ts';
import type { Mark } from './plotted.ts';

const megabyte = 1_000_000;
/** Each node tells in its turn: what all have told is kept at most so often. */
const pauseMs = 200;

interface Known {
  readonly paths: ReadonlySet<string>;
  readonly resets: number;
  readonly failovers: number;
}

export class DataPortHistory {
  readonly sent = new History();
  readonly underway = new History();
  readonly marks: Mark[] = [];
  #atMs = 0;
  /** Of each port what it was. */
  #before = new Map<string, Known>();

  /** A path that is reset has a gap. */
  add(atMs: number, ports: readonly DataPortFigures[]): void {
    if (atMs < this.#atMs + pauseMs) return;
    this.#atMs = atMs;
    const sent = new Map<string, number>();
    const underway = new Map<string, number>();
    for (const port of ports) {
      for (const { path, bytesPerSecond, underwayBytes } of port.paths) {
        const name = `${portName(port)} ${path}`;
        sent.set(name, bytesPerSecond / megabyte);
        underway.set(name, underwayBytes / megabyte);
      }
    }
    this.sent.add(atMs, sent);
    this.underway.add(atMs, underway);
    this.#compare(atMs, ports);
  }

  #compare(atMs: number, ports: readonly DataPortFigures[]): void {
    const now = new Map<string, Known>();
    for (const port of ports) {
      const name = portName(port);
      const paths = new Set(port.paths.map(({ path }) => path));
      now.set(name, { paths, resets: port.resets, failovers: port.failovers });
      const before = this.#before.get(name);
      if (!before) continue;
      if (port.failovers > before.failovers) this.#mark(atMs, `${name} failed over`, 'bad');
      const gone = [...before.paths].filter((path) => !paths.has(path));
      for (const path of gone) this.#mark(atMs, `${name} ${path} was reset`, 'warn');
      // So shortly that it was not seen to be away.
      const unseen = port.resets - before.resets - gone.length;
      if (unseen > 0)
        this.#mark(
          atMs,
          unseen === 1 ? `${name} was reset` : `${name} was reset ${unseen} times`,
          'warn',
        );
      for (const path of paths) {
        if (!before.paths.has(path)) this.#mark(atMs, `${name} ${path} is up again`, 'good');
      }
    }
    this.#before = now;
  }

  #mark(atMs: number, label: string, kind: Mark['kind']): void {
    this.marks.push({ at: atMs / 1_000, label, kind });
    if (this.marks.length > bounds.happenings) this.marks.shift();
  }
}

/** Names of ports are long and drawn by lot: their first part is enough to tell them apart. */
export const portName = ({ node, port }: Pick<DataPortFigures, 'node' | 'port'>): string =>
  `${node}/${port.slice(0, 8)}`;
