/**
 * Goal: AF-7: a way that is cut carries nothing, either way, for as long as was said; the others
 * carry on.
 * Method: real UDP sockets on loopback.
 */
import { CutWays } from '#internal/io/cut-ways';
import { openUdp, type DatagramSocket, type OpenDatagramSocket } from '#internal/io/udp';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../support/until.ts';

const host = '127.0.0.1';

async function opened(open: OpenDatagramSocket) {
  const heard: string[] = [];
  let port = 0;
  const socket: DatagramSocket = open(host, 0, {
    onOpen: (given) => (port = given),
    onDatagram: (bytes) => void heard.push(bytes.toString()),
    onFailed: (error) => expect.fail(error.message),
    onUnsent: (error) => expect.fail(error.message),
  });
  onTestFinished(() => socket.close());
  await until('it is open', () => port > 0);
  return {
    heard,
    port,
    say: (text: string, to: number) => socket.send(Buffer.from(text), host, to),
  };
}

test('AF-7 a way that is cut carries nothing, and does again when its time is over', async () => {
  const ways = new CutWays(openUdp);
  const here = await opened(ways.open);
  const [cut, whole] = [await opened(openUdp), await opened(openUdp)];
  const cutMs = 300;
  ways.cut(host, cut.port, cutMs);
  const begunAt = performance.now();
  here.say('lost', cut.port);
  here.say('kept', whole.port);
  cut.say('lost', here.port);
  whole.say('kept', here.port);
  await until('the others carry on', () => whole.heard.length + here.heard.length === 2);
  await until('the cut is over', () => {
    here.say('again', cut.port);
    cut.say('again', here.port);
    return cut.heard.length > 0 && here.heard.includes('again');
  });
  expect(performance.now() - begunAt).toBeGreaterThan(cutMs - 1);
  expect(new Set(cut.heard)).toEqual(new Set(['again']));
  expect(new Set(here.heard)).toEqual(new Set(['kept', 'again']));
});
