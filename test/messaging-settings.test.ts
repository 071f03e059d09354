/**
 * Goal: CM-2, CM-10: adapters, key and seeds have sound defaults; what cannot work is refused by
 * its code and a sentence that says what to do. Method: sound options with one thing wrong at a
 * time; some are wrong in type.
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
  const made = { key: undefined, formerKey: undefined, seeds: [], authentication: 'aead' };
  expect(messaging).toEqual(made);
  expect(nodes[0]?.adapters).toEqual([{ address: '127.0.0.1' }]);
});

test('CM-10 a key is bytes or their digits, and lets seeds and other networks in', () => {
  const { messaging } = parsed({
    messaging: { key, formerKey: new Uint8Array(32), seeds: [...seeds, '[fd00::1]:1'] },
  });
  expect(messaging.key).toEqual(new Uint8Array(32).fill(0xa1));
  expect(messaging.formerKey).toEqual(new Uint8Array(32));
  expect(messaging.seeds).toEqual([...seeds, '[fd00::1]:1']);
});

test('CM-10 without authentication no key is needed, not even for seeds on loopback', () => {
  const { messaging } = parsed({ messaging: { authentication: 'none', seeds } });
  expect(messaging).toMatchObject({ key: undefined, seeds, authentication: 'none' });
});

test.each<[string, object, RegExp]>([
  ['IPX_OPTION_INVALID', adapters(), /nodes\.edge\.adapters .* give a list/],
  ['IPX_OPTION_INVALID', adapters({}), /nodes\.edge\.adapters\[0\]\.address .* IPv4 or IPv6/],
  ['IPX_OPTION_INVALID', adapters({ adress: '::1' }), /adapters\[0\]\.adress .* none of address/],
  ['IPX_OPTION_INVALID', adapters({ address: '::1', port: 65_536 }), /port .* from 0 to 65535/],
  ['IPX_ADAPTERS_OVERLAP', adapters({ address: '::1' }, { address: '0::1' }), /one subnet/],
  [
    'IPX_ADAPTERS_OVERLAP',
    {
      nodes: {
        edge: { adapters: [{ address: '127.0.0.1', port: 9 }] },
        hall: { adapters: [{ address: '127.0.0.1', port: 9 }] },
      },
    },
    /nodes\.hall and nodes\.edge both have 127\.0\.0\.1 at port 9/,
  ],
  ['IPX_KEY_MISSING', adapters({ address: '10.0.0.1' }), /10\.0\.0\.1 can be reached/],
  ['IPX_KEY_MISSING', { messaging: { seeds } }, /give all of them the same messaging\.key/],
  ['IPX_OPTION_INVALID', { messaging: { key, authentication: 'none' } }, /a key is of no use/],
  ['IPX_OPTION_INVALID', { messaging: { authentication: 'off' } }, /messaging\.authentication/],
  [
    'IPX_KEY_MISSING',
    { ...adapters({ address: '10.0.0.1' }), messaging: { authentication: 'none' } },
    /10\.0\.0\.1 can be reached/,
  ],
  ['IPX_KEY_INVALID', { messaging: { key: 'a1' } }, /messaging\.key is 32 .* this is 1 bytes/],
  ['IPX_KEY_INVALID', { messaging: { key: 'secret' } }, /this is no such thing/],
  ['IPX_KEY_INVALID', { messaging: { key, formerKey: new Uint8Array(31) } }, /31 bytes/],
  ['IPX_OPTION_INVALID', { messaging: { formerKey: key } }, /of no use without a key/],
  ['IPX_OPTION_INVALID', { messaging: { key, seeds: ['localhost:7946'] } }, /"localhost:7946"/],
  ['IPX_OPTION_INVALID', { messaging: { key, seeds: ['127.0.0.1:0'] } }, /messaging\.seeds\[0\]/],
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
