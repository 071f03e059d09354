/** TLS by a key that both sides know, so that a test needs no certificate. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import type { Client } from 'interplex';

const psk = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const suite = { ciphers: 'PSK', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;

/** Settles with the session over an accepted client, after its handshake. */
export async function underTls(client: Client): Promise<TLSSocket> {
  const server = createServer({ ...suite, pskCallback: () => psk });
  server.emit('connection', client.socket);
  const [session] = (await once(server, 'secureConnection')) as [TLSSocket];
  return session;
}

/** The other side's session, after its handshake. */
export async function encrypted(socket: Socket): Promise<TLSSocket> {
  const session = connect({
    ...suite,
    socket,
    checkServerIdentity: () => undefined,
    pskCallback: () => ({ psk, identity: 'test' }),
  });
  await once(session, 'secureConnect');
  return session;
}
