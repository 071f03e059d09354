/** Where the processes of this user on this host meet about the ports of one address. */
import { createHash, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { userFolder } from './user-folder.ts';

export interface HostPlace {
  /** The file of what each process has. */
  readonly map: string;
  /** Where the coordinator listens. */
  readonly socket: string;
  /** The living name that one process has: it coordinates. */
  readonly coordinator: string;
  /** The living name of each process. */
  seat(number: number): string;
}

/** An address is a network namespace's own. Throws IPX_ADDRESS_UNUSABLE, or the system's error. */
export function hostPlace(protocol: string, address: string): HostPlace {
  const folder = join(userFolder(), 'ports');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const network = readlinkSync('/proc/self/ns/net');
  const parts = [secretIn(folder), folder, network, protocol, address];
  const hash = createHash('sha256').update(parts.join(' ')).digest('hex').slice(0, 24);
  return {
    map: join(folder, `${hash}.map`),
    socket: join(folder, `${hash}.sock`),
    coordinator: `interplex-${hash}-coordinator`,
    seat: (number) => `interplex-${hash}-${number}`,
  };
}

/** Living names have no owner: without it nobody else can guess them. */
function secretIn(folder: string): string {
  const path = join(folder, 'secret');
  const own = join(folder, `secret-${process.pid}-${randomBytes(4).toString('hex')}`);
  writeFileSync(own, randomBytes(16).toString('hex'), { mode: 0o600 });
  try {
    linkSync(own, path); // Whole, or not at all: whoever comes second reads the first one's.
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(own, { force: true });
  }
  return readFileSync(path, 'utf8');
}
