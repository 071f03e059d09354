/** The descriptors of a process, as its kernel lists them (Linux: proc(5)). */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Whether descriptors can be listed here. */
export const canListDescriptors = existsSync('/proc/self/fd');

/**
 * The network sockets that a process holds, once per descriptor, whatever has become of their
 * connections. Sockets of the Unix kind are others': pipes of child processes.
 */
export function socketsOf(process: number | 'self'): string[] {
  const folder = `/proc/${process}/fd`;
  const held = readdirSync(folder).flatMap((descriptor) => {
    try {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${descriptor}`)) ?? [];
      return inode === undefined ? [] : [inode];
    } catch {
      return []; // Closed since it was listed: the listing's own descriptor always is.
    }
  });
  const local = unixSockets(); // Listed last: a pipe made meanwhile must not count.
  return held.filter((inode) => !local.has(inode));
}

/** By their inodes; the seventh column of each line but the first. */
const unixSockets = (): Set<string | undefined> =>
  new Set(
    readFileSync('/proc/net/unix', 'utf8')
      .split('\n')
      .map((line) => line.split(/\s+/)[6]),
  );

export const socketCount = (): number => socketsOf('self').length;

/** The threads of this process. */
export const threadCount = (): number => readdirSync('/proc/self/task').length;
