/** Two nodes of a cluster: clients come in at one and are served at the other. */
import { startCluster } from 'interplex';

import { askThread } from '../../support/thread-call.ts';
import type { Moved, SubjectCommand } from './commands.ts';
import type { DoorCommand, DoorMoves } from './door.ts';
import type { HallCommand } from './hall.ts';
import { memoryOf } from './heap.ts';

const askDoor = <Value>(command: DoorCommand) => askThread<Value>('door', command);
const askHall = <Value>(command: HallCommand) => askThread<Value>('hall', command);

export async function clusterSubject(): Promise<(command: SubjectCommand) => unknown> {
  const cluster = await startCluster({
    applications: {
      door: new URL('./door.ts', import.meta.url),
      hall: new URL('./hall.ts', import.meta.url),
    },
    nodes: { edge: {}, 'hall-1': { run: ['hall'] } },
    vipas: { door: { address: '127.0.0.1', port: 0, routing: 'door', owner: 'edge' } },
    log: { level: 'silent' },
  });
  cluster.on('node.ended', (end) => {
    if (end.cause === 'crashed') throw new Error(`Node ${end.node} has crashed: ${end.reason}`);
  });
  let failure: string | undefined;
  cluster.on('application.failed', ({ reason }) => (failure ??= reason));
  const [vipa] = cluster.vipas();
  return (command) => {
    switch (command.type) {
      case 'port':
        return vipa?.port;
      case 'expect':
        return expect(command);
      case 'settled':
        return askDoor(command);
      case 'moved':
        return moved();
      case 'failure':
        return failure;
      case 'emptied':
        return askHall(command);
      case 'memory':
        return memoryOf(['door', 'hall'], command.idleMs);
    }
  };
}

async function expect(command: DoorCommand & { type: 'expect' }): Promise<void> {
  await askHall({ type: 'watch', wanted: command.pace === 'timed arrival' });
  await askDoor(command);
}

/** A client is frozen in one thread and read again in another; they share the clock. */
async function moved(): Promise<Moved> {
  const { frozenAt, elapsedMs } = await askDoor<DoorMoves>({ type: 'moved' });
  const resumedAt = await askHall<ReadonlyMap<number, number>>({ type: 'resumed' });
  const frozenMs = [...frozenAt].map(([number, at]) => (resumedAt.get(number) ?? Number.NaN) - at);
  return { elapsedMs, frozenMs };
}
