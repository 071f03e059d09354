/**
 * Goal: AF-9, SP-8: a VIPA is defined, distributed or a range, each by its keyword; what cannot
 * work is refused by its code and a sentence that names the option.
 * Method: sound settings of each kind with one thing wrong at a time; some are wrong in type.
 */
import { InterplexError, type VipaSettings } from 'interplex';
import { describe, expect, test } from 'vitest';
import { parseConfiguration } from '#internal/cluster/configuration';

const defined = { address: '127.0.0.1', port: 0, routing: 'lobby', owner: 'edge' };
const { routing: _, ...endpoint } = defined;
const distributed = { ...endpoint, kind: 'distribute', to: 'room' };
const range = { kind: 'range', subnet: '127.1.2.0/24' };

function parsed(settings: object) {
  return parseConfiguration({
    applications: { lobby: './lobby.js', room: './room.js' },
    nodes: { edge: {}, 'hall-1': { run: ['room'] }, 'hall-2': { run: ['room'] } },
    vipas: { chat: settings as VipaSettings },
  });
}

function refusalOf(settings: object): InterplexError {
  try {
    parsed(settings);
  } catch (error) {
    if (error instanceof InterplexError) return error;
    throw error;
  }
  throw new Error('It was accepted.');
}

describe('what is sound', () => {
  test('SP-8 defined, with and without its keyword, with the defaults', () => {
    const { vipas, ranges } = parsed(defined);
    expect(vipas).toMatchObject([
      {
        name: 'chat',
        routing: 'lobby',
        distribution: undefined,
        preference: ['edge'],
        takeback: 'whenIdle',
        hopsMax: 16,
      },
    ]);
    expect(ranges).toEqual([]);
    expect(parsed({ ...defined, kind: 'define' }).vipas).toEqual(vipas);
  });
  test('CT-14 its backups follow the owner, each once', () => {
    const backups = ['hall-2', 'edge', 'hall-2', 'hall-1'];
    const [vipa] = parsed({ ...defined, backups, takeback: 'immediate' }).vipas;
    expect(vipa).toMatchObject({ preference: ['edge', 'hall-2', 'hall-1'], takeback: 'immediate' });
  });
  test('CT-18 distributed, by a policy and with weights', () => {
    const [plain] = parsed(distributed).vipas;
    expect(plain?.distribution).toEqual({ to: 'room', policy: 'roundRobin', weights: new Map() });
    const weights = { 'hall-1': 2, 'hall-2': 0 };
    const [weighted] = parsed({ ...distributed, policy: 'weighted', weights }).vipas;
    expect(weighted?.distribution?.weights).toEqual(new Map(Object.entries(weights)));
  });
  test('SP-8 a range, of one address to 65 536', () => {
    expect(parsed(range)).toMatchObject({ vipas: [], ranges: [{ subnet: range.subnet }] });
    for (const subnet of ['127.1.2.3/32', '10.20.0.0/16', 'fd00::/112']) {
      expect(parsed({ ...range, subnet }).ranges[0]?.subnet).toBe(subnet);
    }
  });
});

test.each<[string, object, RegExp]>([
  ['IPX_OPTION_INVALID', { ...defined, kind: 'defined' }, /chat\.kind .*define, distribute, range/],
  ['IPX_OPTION_INVALID', { ...defined, address: undefined }, /chat\.address/],
  ['IPX_OPTION_INVALID', { ...defined, port: 1.5 }, /chat\.port/],
  ['IPX_OPTION_INVALID', { ...defined, takeback: 'later' }, /"later" is neither whenIdle nor/],
  ['IPX_NODE_UNKNOWN', { ...defined, backups: ['bar'] }, /chat\.backups .*edge, hall-1, hall-2/],
  ['IPX_APPLICATION_UNKNOWN', { ...defined, routing: undefined }, /chat\.routing/],
  ['IPX_APPLICATION_UNKNOWN', { ...distributed, to: 'bar' }, /chat\.to .*lobby, room/],
  ['IPX_APPLICATION_UNKNOWN', { ...distributed, to: undefined }, /chat\.to/],
  ['IPX_OPTION_INVALID', { ...distributed, policy: 'random' }, /roundRobin, leastConnections/],
  ['IPX_NODE_UNKNOWN', { ...distributed, weights: { bar: 1 } }, /chat\.weights .*"bar"/],
  ['IPX_OPTION_INVALID', { ...distributed, weights: { 'hall-1': -1 } }, /weights\.hall-1 .*from 0/],
  ['IPX_OPTION_INVALID', { ...distributed, weights: { 'hall-1': '2' } }, /weights\.hall-1/],
  ['IPX_OPTION_INVALID', { ...distributed, weights: { 'hall-1': Infinity } }, /weights\.hall-1/],
  ['IPX_OPTION_INVALID', { ...distributed, weights: 7 }, /chat\.weights .* an object/],
  ['IPX_VIPA_OWNER', { ...distributed, owner: undefined }, /"chat" has no owner/],
  ['IPX_OPTION_INVALID', { ...range, subnet: undefined }, /chat\.subnet .*127\.1\.2\.0\/24/],
  ['IPX_OPTION_INVALID', { ...range, subnet: '127.1.2.3' }, /is no subnet/],
  ['IPX_OPTION_INVALID', { ...range, subnet: '127.1.2.0/33' }, /is no subnet/],
  ['IPX_OPTION_INVALID', { ...range, subnet: 'localhost/24' }, /is no subnet/],
  ['IPX_OPTION_INVALID', { ...range, subnet: '10.0.0.0/15' }, /more than 65536 addresses/],
  ['IPX_OPTION_INVALID', { ...range, subnet: 'fd00::/64' }, /more than 65536 addresses/],
  ['IPX_OPTION_INVALID', { ...range, hopsMax: 0 }, /chat\.hopsMax/],
  ['IPX_OPTION_INVALID', { ...defined, to: 'room' }, /chat\.to .*none of .*routing\.$/],
  ['IPX_OPTION_INVALID', { ...distributed, routing: 'lobby' }, /chat\.routing .*none of .*weights/],
  ['IPX_OPTION_INVALID', { ...range, owner: 'edge' }, /chat\.owner .*none of .*subnet, hopsMax/],
])('AF-9 %s for %o', (code, settings, sentence) => {
  const refused = refusalOf(settings);
  expect(refused.code).toBe(code);
  expect(refused.message).toMatch(sentence);
  expect(refused.message).toMatch(/\.$/);
});
