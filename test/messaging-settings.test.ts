/**
 * Goal: CM-2, CM-10: adapters, key and seeds have sound defaults; what cannot work is refused by its
 * code and a sentence that says what to do.
 * Method: sound options with one thing wrong at a time; some are wrong in type.
 */
import { InterplexError, type ClusterOptions } from 'interplex';
import { expect, test } from 'vitest';
import { parseConfiguration } from '#internal/cluster/configuration';

const key = 'a1'.repeat(32);
const seeds = ['127.0.0.1:7946'];

const parsed = (changes: object) =>
  parseConfiguration({
    applications: { lobby: './lobby.js' },
    nodes: { edge: {}, hall: {} },
    ...changes, // Some are wrong in type, as JavaScript users may give.
  } satisfies ClusterOptions);
const adapters = (...given: object[]) => ({ nodes: { edge: { adapters: given } } });

test('CM-2 a node has one loopback adapter at any port unless it is told others', () => {
  const { nodes, here, messaging } = parsed({});
  expect(here).toEqual(['edge', 'hall']);
  expect(messaging).toEqual({ key: undefined, formerKey: undefined, seeds: [] });
  const loopback = { address: '127.0.0.1', port: 0, type: 'loopback', mtu: 65_535, prefix: 8 };
  expect(nodes[0]?.adapters).toEqual([{ ...loopback, classOfService: 0 }]);
});

test('CM-2 an adapter is what it is told to be, its address in its shortest form', () => {
  const { nodes } = parsed({
    messaging: { key },
    ...adapters({ address: 'fd00:0:0::1', port: 7_946, router: 'fd00::f', dataPort: 7_947 }),
  });
  expect(nodes[0]?.adapters[0]).toMatchObject({
    address: 'fd00::1',
    port: 7_946,
    router: 'fd00::f',
    dataPort: 7_947,
    type: 'ethernet',
    mtu: 1_500,
    prefix: 24,
    classOfService: 0,
  });
});

test('CM-10 a key is bytes or their digits, and lets seeds and other networks in', () => {
  const { messaging } = parsed({
    messaging: { key, formerKey: new Uint8Array(32), seeds: [...seeds, '[fd00::1]:1'] },
  });
  expect(messaging.key).toEqual(new Uint8Array(32).fill(0xa1));
  expect(messaging.formerKey).toEqual(new Uint8Array(32));
  expect(messaging.seeds).toEqual([
    { address: '127.0.0.1', port: 7_946 },
    { address: 'fd00::1', port: 1 },
  ]);
});

test.each<[string, object, RegExp]>([
  ['IPX_OPTION_INVALID', adapters(), /nodes\.edge\.adapters .* not empty/],
  ['IPX_OPTION_INVALID', adapters({}), /adapters\.0\.address .* no IPv4 or IPv6 address/],
  ['IPX_OPTION_INVALID', adapters({ adress: '::1' }), /adapters\.0\.adress .* none of address/],
  ['IPX_OPTION_INVALID', adapters({ address: '::1', port: 65_536 }), /port .*: 65536 is no whole/],
  ['IPX_OPTION_INVALID', adapters({ address: '127.0.0.1', mtu: 575 }), /mtu .*: 575 is no/],
  ['IPX_OPTION_INVALID', adapters({ address: '127.0.0.1', prefix: 33 }), /prefix .*: 33 is no/],
  ['IPX_OPTION_INVALID', adapters({ address: '127.0.0.1', classOfService: 64 }), /64 is no/],
  ['IPX_OPTION_INVALID', adapters({ address: '127.0.0.1', router: 'r1' }), /"r1" is no IPv4/],
  ['IPX_OPTION_INVALID', adapters({ address: '127.0.0.1', type: '' }), /type .* give a word/],
  ['IPX_ADAPTER_OVERLAP', adapters({ address: '::1' }, { address: '0::1' }), /has ::1 twice/],
  [
    'IPX_ADAPTER_OVERLAP',
    {
      nodes: {
        edge: { adapters: [{ address: '127.0.0.1', port: 9 }] },
        hall: { adapters: [{ address: '127.0.0.1', port: 9 }] },
      },
    },
    /nodes\.hall and nodes\.edge both have 127\.0\.0\.1 at port 9/,
  ],
  ['IPX_KEY_INVALID', adapters({ address: '10.0.0.1' }), /beyond loopback .*openssl rand/],
  ['IPX_KEY_INVALID', { messaging: { seeds } }, /several processes .* give messaging\.key/],
  ['IPX_KEY_INVALID', { messaging: { key: 'a1' } }, /messaging\.key is 32 .* this is 1 bytes/],
  ['IPX_KEY_INVALID', { messaging: { key: 'secret' } }, /this is no such thing/],
  ['IPX_KEY_INVALID', { messaging: { key, formerKey: new Uint8Array(31) } }, /31 bytes/],
  ['IPX_OPTION_INVALID', { messaging: { key, seeds: ['localhost:7946'] } }, /"localhost:7946"/],
  ['IPX_OPTION_INVALID', { messaging: { key, seeds: ['127.0.0.1:0'] } }, /no address and port/],
  ['IPX_OPTION_INVALID', { messaging: { key, seeds: '127.0.0.1:1' } }, /give a list/],
  ['IPX_OPTION_INVALID', { messaging: { kay: key } }, /messaging\.kay .* none of key/],
  ['IPX_OPTION_INVALID', { here: [] }, /here cannot be used: name at least one node/],
  ['IPX_NODE_UNKNOWN', { here: ['nobody'] }, /here names node "nobody"/],
])('CM-10 AF-9 %s refuses %j', (code, changes, sentence) => {
  let refusal: unknown;
  try {
    parsed(changes);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(InterplexError);
  expect(refusal).toMatchObject({ code, message: expect.stringMatching(sentence) as string });
});

test('CT-14 a VIPA is owned within one process: all of its nodes run here, or none', () => {
  const chat = { address: '127.0.0.1', port: 0, routing: 'lobby', owner: 'edge' };
  const vipas = { chat: { ...chat, backups: ['hall'] } };
  expect(() => parsed({ vipas, here: ['edge'] })).toThrow(/only edge run in this process/);
  expect(parsed({ vipas: { chat }, here: ['hall'] }).vipas).toHaveLength(1);
});
