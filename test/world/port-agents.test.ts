/**
 * Goal: SP-4, SP-9, AF-9: whatever fails a connection of https.Agent or undici, who asked hears of
 * it, and its port is given back; over IPv4 and IPv6.
 * Method: real servers on loopback that refuse, reset or do not speak TLS as the client does, and a
 * pool of sixteen ports, asked for more often than that: any that is kept shows.
 */
import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { startNode, type Node } from 'interplex';
import { Agent, request } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../support/until.ts';

const pool = { first: 25_000, last: 25_015, restMs: 0, portBlock: 16 };
const psk = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const suite = { ciphers: 'PSK', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
const keyed = {
  ...suite,
  pskCallback: () => ({ psk, identity: 'test' }),
  checkServerIdentity: () => undefined,
};
const hosts = [
  { localAddress: '127.9.13.1', host: '127.0.0.1' },
  { localAddress: '::1', host: '::1' },
] as const;

type Ports = Node['ports'];
/** The text of a page, from a port of that address. */
type Fetch = (url: string, ports: Ports, localAddress: string, tls: object) => Promise<string>;

const byAgent: Fetch = async (url, ports, localAddress, tls) => {
  const agent = new https.Agent({ ...ports.agentOptions({ localAddress }), ...tls });
  const asked = https.get(url, { agent });
  const [response] = (await once(asked, 'response')) as [http.IncomingMessage];
  return (await response.setEncoding('utf8').toArray()).join('');
};
const byUndici: Fetch = async (url, ports, localAddress, tls) => {
  const connect = { ...ports.agentOptions({ localAddress }), ...tls };
  const dispatcher = new Agent({ connect });
  try {
    const { body } = await request(url, { dispatcher });
    return await body.text();
  } finally {
    await dispatcher.destroy();
  }
};

async function nodeAt(localAddress: string): Promise<Ports> {
  const subnet = localAddress.includes(':') ? `${localAddress}/128` : `${localAddress}/32`;
  const vipas = { out: { kind: 'range', subnet, sharedPorts: pool } } as const;
  const node = await startNode({ id: 'a', applications: {}, vipas, log: { level: 'silent' } });
  onTestFinished(() => node.stop());
  return node.ports;
}

async function listening(server: Server, host: string): Promise<number> {
  onTestFinished(() => void server.close());
  await once(server.listen(0, host), 'listening');
  return (server.address() as AddressInfo).port;
}

const tellPort: http.RequestListener = ({ socket }, response) =>
  void response.end(`${socket.remotePort}`);
const secureServer = () => https.createServer({ ...suite, pskCallback: () => psk }, tellPort);
const resetting = () => createServer((socket) => void socket.resetAndDestroy());

/** How often each fails: more often than there are ports. */
const times = 20;

describe.each([
  ['https.Agent', byAgent],
  ['undici', byUndici],
] as const)('%s', (_name, fetch) => {
  test.each(hosts)('SP-9 from $localAddress: errors are told, ports come back', async (place) => {
    const { localAddress, host } = place;
    const ports = await nodeAt(localAddress);
    const name = host.includes(':') ? `[${host}]` : host;
    const ask = (port: number, tls: object = keyed) =>
      fetch(`https://${name}:${port}/`, ports, localAddress, tls);
    const failsAlways = async (port: number, code: RegExp, tls?: object) => {
      for (let time = 0; time < times; time += 1) {
        const failure: unknown = await ask(port, tls).catch((error: unknown) => error);
        expect((failure as { code?: string }).code).toMatch(code);
        await until('its port is back', () => ports.destinations().size === 0);
      }
    };
    const secure = await listening(secureServer(), host);
    expect(Number(await ask(secure))).toBeGreaterThanOrEqual(pool.first);
    await until('its port is back', () => ports.destinations().size === 0);
    const closed = createServer();
    const nobody = await listening(closed, host);
    await new Promise((resolve) => closed.close(resolve));
    await failsAlways(nobody, /^ECONNREFUSED$/);
    await failsAlways(await listening(resetting(), host), /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/);
    await failsAlways(secure, /^(ERR_SSL_|EPROTO)/, {}); // It has no key.
    const plain = await listening(http.createServer(tellPort), host);
    await failsAlways(plain, /^(ERR_SSL_|EPROTO)/);
    const leases = [];
    for (let index = 0; index < 16; index += 1) leases.push(await ports.lease({ localAddress }));
    await expect(ask(secure)).rejects.toMatchObject({ code: 'IPX_PORTS_EXHAUSTED' });
    leases[5]!.release();
    expect(await ask(secure)).toBe(`${leases[5]!.port}`);
  });
});
