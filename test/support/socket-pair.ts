/** Two ends of a real connection in this process. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface SocketPair {
  readonly client: Socket;
  /** As a stack accepts it: it stays half open. */
  readonly server: Socket;
}

/** Both are destroyed when the test has finished. */
export async function socketPair(): Promise<SocketPair> {
  const listener = createServer({ allowHalfOpen: true });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const { port } = listener.address() as AddressInfo;
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [server] = (await once(listener, 'connection')) as [Socket];
  listener.close();
  for (const socket of [client, server]) {
    socket.on('error', () => undefined); // `close` follows, and is what a test awaits.
    onTestFinished(() => void socket.destroy());
  }
  return { client, server };
}
