/**
 * Goal: with certificates every connection of a port is over mutual TLS, and only between nodes to
 * whose names they are made out; they can be renewed while ports live (DP-1, AF-9).
 * Method: a certificate authority of openssl's for each test; ports between nodes with its
 * certificates, with another's, with another name, and with none.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nodeOf, numbered, numberOf, openPort, takerOf } from '../support/data-port/nodes.ts';

const program = 'openssl';
const hasOpenssl = (() => {
  try {
    execFileSync(program, ['version']);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
})();

/** An authority that makes out certificates to nodes. */
function authority() {
  const folder = mkdtempSync(join(tmpdir(), 'interplex-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);
  const run = (...args: string[]) => execFileSync(program, args, { stdio: 'pipe' });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const own = ['-keyout', at('ca.key'), '-out', at('ca.pem'), '-subj', '/CN=authority'];
  run('req', '-x509', ...curve, ...own, '-days', '2');
  const ca = readFileSync(at('ca.pem'), 'utf8');
  return (node: string) => {
    run('req', ...curve, '-keyout', at('key'), '-out', at('csr'), '-subj', `/CN=${node}`);
    writeFileSync(at('names'), `subjectAltName=DNS:${node}\n`);
    const signed = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2'];
    run('x509', '-req', '-in', at('csr'), ...signed, '-extfile', at('names'), '-out', at('cert'));
    return { key: readFileSync(at('key'), 'utf8'), cert: readFileSync(at('cert'), 'utf8'), ca };
  };
}

const refused = expect.objectContaining({ code: 'IPX_PORT_CERTIFICATE' }) as unknown;

test.skipIf(!hasOpenssl)(
  'DP-1 a port over mutual TLS, whose certificates are renewed',
  async () => {
    const certificateOf = authority();
    const numbers: number[] = [];
    const taker = await takerOf(
      'hall',
      (port) => port.receive((message) => void numbers.push(numberOf(message))),
      { tls: certificateOf('hall') },
    );
    const node = await nodeOf('edge', { tls: certificateOf('edge') });
    const { port } = await openPort(node, { to: taker.place });
    await port.send(numbered(1), { acknowledgement: 'applied' });
    const renewing = authority();
    taker.node.reloadCertificates(renewing('hall'));
    // The new authority knows nothing of the old certificates: whoever comes with those is refused.
    await expect(node.openDataPort({ to: taker.place, service: 'volume' })).rejects.toEqual(
      refused,
    );
    node.reloadCertificates(renewing('edge'));
    const { port: renewed } = await openPort(node, { to: taker.place });
    await renewed.send(numbered(2), { acknowledgement: 'applied' });
    await port.send(numbered(3), { acknowledgement: 'applied' }); // The old connections live on.
    expect(numbers).toEqual([1, 2, 3]);
  },
);

test.skipIf(!hasOpenssl)('AF-9 a certificate of another name or of nobody is refused', async () => {
  const certificateOf = authority();
  const taker = await takerOf('hall', () => {}, { tls: certificateOf('hall') });
  const open = async (id: string, tls?: ReturnType<typeof certificateOf>) => {
    const node = await nodeOf(id, tls ? { tls } : {});
    return node.openDataPort({ to: taker.place, service: 'volume', links: 1, openMs: 2_000 });
  };
  await expect(open('edge', certificateOf('another'))).rejects.toEqual(refused);
  await expect(open('edge', authority()('edge'))).rejects.toEqual(refused);
  await expect(open('edge')).rejects.toMatchObject({ code: 'IPX_PATH_LOST' });
  const other = await takerOf('other', () => {}, { tls: certificateOf('another') });
  const node = await nodeOf('edge', { tls: certificateOf('edge') });
  await expect(node.openDataPort({ to: other.place, service: 'volume' })).rejects.toEqual(refused);
  const unusable = { key: 'no key', cert: 'none', ca: 'none' };
  expect(() => taker.node.reloadCertificates(unusable)).toThrow(refused);
});
