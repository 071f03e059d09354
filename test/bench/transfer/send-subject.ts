/**
 * The peer of a transfer: a process that reads one line of each client and sends its socket to a
 * child process, whose application answers when it serves the client.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

import type { SubjectCommand } from './commands.ts';
import { Sender } from './sender.ts';

export async function sendSubject(): Promise<(command: SubjectCommand) => unknown> {
  const child = fork(fileURLToPath(new URL('./send-child.ts', import.meta.url)));
  child.on('exit', () => process.exit(1));
  await once(child, 'message'); // It is ready.
  const sender = new Sender(child);
  const server = createServer({ allowHalfOpen: true }, (socket) => sender.receive(socket));
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return (command) => {
    switch (command.type) {
      case 'port':
        return port;
      case 'expect':
        return sender.expect(command.count, command.pace);
      case 'settled':
        return sender.settled(command.count);
      case 'moved':
        return sender.moved;
      case 'failure':
        return undefined; // The child would have ended, and this process with it.
      case 'emptied':
        return sender.emptied();
      case 'memory':
        throw new Error('Memory is compared with a plain server.');
    }
  };
}
