/** Where a process listens, as the kernel knows. */
import { readFileSync } from 'node:fs';
import { socketsOf } from './descriptors.ts';

export interface ListeningPort {
  readonly address: string;
  readonly port: number;
}

/** TCP over IPv4. */
export function listeningPortsOf(pid: number): ListeningPort[] {
  const own = new Set(socketsOf(pid));
  const [, ...rows] = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n');
  return rows.flatMap((row) => {
    const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    if (state !== listening || !own.has(inode)) return [];
    const bytes = address.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [];
    return [{ address: bytes.toReversed().join('.'), port: Number.parseInt(port, 16) }];
  });
}

const listening = '0A';
