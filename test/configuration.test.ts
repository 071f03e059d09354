/**
 * Goal: AF-9: options that cannot work are refused before anything starts, each by its code and a
 * sentence that names the option and says what to do.
 * Method: sound options with one thing wrong at a time.
 */
import { InterplexError, type ClusterOptions } from 'interplex';
import { expect, test } from 'vitest';
import type { NodeId } from '#actors/vocabulary';
import { dutiesOf, parseConfiguration } from '#internal/cluster/configuration';
import { matching } from './support/matching.ts';

const chat = { address: '127.0.0.1', port: 0, routing: 'lobby', owner: 'edge' };
const sound: ClusterOptions = {
  applications: { lobby: new URL('file:///lobby.js'), room: './room.js' },
  nodes: { edge: {}, hall: { run: ['room'] } },
  vipas: { chat },
};

/** What wrong options are refused with; some are wrong in type, as JavaScript users may give. */
function refusalOf(changes: object): InterplexError {
  try {
    parseConfiguration({ ...sound, ...changes });
  } catch (error) {
    if (error instanceof InterplexError) return error;
    throw error;
  }
  throw new Error('It was accepted.');
}
const edge = (settings: object) => ({ nodes: { edge: settings } });
const vipa = (changes: object) => ({ vipas: { chat: { ...chat, ...changes } } });

test.each<[string, object, RegExp]>([
  ['IPX_OPTION_INVALID', { nodes: {} }, /nodes cannot be used: give at least one/],
  ['IPX_OPTION_INVALID', { nodes: { edge: null } }, /nodes\.edge .* give an object/],
  ['IPX_OPTION_INVALID', { nodes: [null] }, /nodes\.0 .* give an object/],
  ['IPX_OPTION_INVALID', { nodes: { edge: { run: 'room' } } }, /nodes\.edge\.run .* a list/],
  ['IPX_OPTION_INVALID', { vipas: { chat: 'edge' } }, /vipas\.chat .* give an object/],
  ['IPX_OPTION_INVALID', vipa({ backups: 'hall' }), /vipas\.chat\.backups .* a list/],
  ['IPX_OPTION_INVALID', { log: { level: 'loud' } }, /"loud" is none of trace, debug/],
  ['IPX_OPTION_INVALID', { drainMs: '5' }, /drainMs/],
  ['IPX_NAME_TAKEN', { nodes: [{ id: 'edge' }, { id: 'edge' }] }, /called "edge"/],
  ['IPX_NAME_INVALID', { nodes: { 'no good': {} } }, /"no good" is no name for a node/],
  ['IPX_NAME_INVALID', { nodes: { ['x'.repeat(64)]: {} } }, /1 to 63 letters/],
  ['IPX_NAME_INVALID', { nodes: [{ id: 7 }] }, /"7" is no name/],
  ['IPX_NAME_INVALID', { applications: { '/': './a.js' } }, /for an application/],
  ['IPX_NAME_INVALID', { vipas: { '': chat } }, /for a VIPA/],
  ['IPX_OPTION_INVALID', { applications: { lobby: '' } }, /applications\.lobby .* the path/],
  ['IPX_OPTION_INVALID', { applications: { lobby: 7 } }, /applications\.lobby/],
  ['IPX_APPLICATION_UNKNOWN', { nodes: { edge: { run: ['bar'] } } }, /nodes\.edge\.run .*"bar"/],
  ['IPX_APPLICATION_UNKNOWN', vipa({ routing: 'bar' }), /vipas\.chat\.routing .*lobby, room/],
  ['IPX_NODE_UNKNOWN', vipa({ owner: 'bar' }), /vipas\.chat\.owner .*edge, hall/],
  ['IPX_NODE_UNKNOWN', vipa({ backups: ['hall', 'bar'] }), /vipas\.chat\.backups .*"bar"/],
  ['IPX_VIPA_OWNER', vipa({ owner: undefined }), /VIPA "chat" has no owner: name a node/],
  ['IPX_OPTION_INVALID', vipa({ address: 'localhost' }), /"localhost" is no IPv4 or IPv6/],
  ['IPX_OPTION_INVALID', vipa({ port: 65_536 }), /0 to 65535/],
  ['IPX_OPTION_INVALID', vipa({ port: -1 }), /vipas\.chat\.port/],
  ['IPX_OPTION_INVALID', vipa({ port: '80' }), /vipas\.chat\.port/],
  ['IPX_OPTION_INVALID', vipa({ hopsMax: 0 }), /vipas\.chat\.hopsMax/],
  ['IPX_OPTION_INVALID', { drainMs: -1 }, /drainMs .* -1/],
  ['IPX_OPTION_INVALID', { drainMs: Infinity }, /0 to 2147483647/],
  ['IPX_OPTION_INVALID', { startMs: 3_000_000_000 }, /startMs/],
  ['IPX_OPTION_INVALID', { startMs: NaN }, /startMs/],
  ['IPX_OPTION_INVALID', edge({ supervision: 'stop' }), /edge\.supervision .* give an object/],
  ['IPX_OPTION_INVALID', edge({ supervision: null }), /edge\.supervision .* give an object/],
  ['IPX_OPTION_INVALID', edge({ supervision: { backoffMs: 9 } }), /backoffMs .* give an object/],
  ['IPX_OPTION_INVALID', edge({ supervision: { intensity: 9 } }), /intensity .* give an object/],
  [
    'IPX_OPTION_INVALID',
    edge({ supervision: { backoffMs: { least: Infinity } } }),
    /backoffMs\.least .* from 0 to 2147483647/,
  ],
  ['IPX_OPTION_INVALID', edge({ resourceLimits: 5 }), /edge\.resourceLimits .* give an object/],
  [
    'IPX_OPTION_INVALID',
    edge({ resourceLimits: { maxOldGenerationSizeMb: '64' } }),
    /resourceLimits\.maxOldGenerationSizeMb .* 64 is no number over 0/,
  ],
  ['IPX_OPTION_INVALID', { log: 'silent' }, /log .* give an object/],
  ['IPX_OPTION_INVALID', { applications: ['./room.js'] }, /applications .* give an object/],
  ['IPX_OPTION_INVALID', { applications: './room.js' }, /applications .* give an object/],
  ['IPX_OPTION_INVALID', { vipas: [chat] }, /vipas .* give an object/],
])('AF-9 %s for %o', (code, changes, sentence) => {
  const refused = refusalOf(changes);
  expect(refused.code).toBe(code);
  expect(refused.message).toMatch(sentence);
  expect(refused.message).toMatch(/\.$/);
});

test.each<[object, string, RegExp]>([
  [
    { node: {} },
    'node',
    /applications, nodes, vipas, here, messaging, carriers, log, drainMs, startMs/,
  ],
  [{ log: { levle: 'info' } }, 'log.levle', /level/],
  [edge({ runs: ['room'] }), 'nodes.edge.runs', /run, actors, adapters, supervision, dataPorts/],
  [edge({ id: 'hall' }), 'nodes.edge.id', /run, actors/],
  [{ nodes: [{ id: 'edge', runs: [] }] }, 'nodes.edge.runs', /id, run, actors/],
  [edge({ resourceLimits: { heapMb: 64 } }), 'nodes.edge.resourceLimits.heapMb', /stackSizeMb/],
  [edge({ supervision: { strategie: 'stop' } }), 'nodes.edge.supervision.strategie', /strategy/],
  [
    edge({ supervision: { backoffMs: { max: 9 } } }),
    'nodes.edge.supervision.backoffMs.max',
    /least, most/,
  ],
  [
    edge({ supervision: { intensity: { within: 9 } } }),
    'nodes.edge.supervision.intensity.within',
    /restarts, withinMs/,
  ],
  [vipa({ backup: ['hall'] }), 'vipas.chat.backup', /owner, backups, takeback/],
])(
  'AF-9 an option that there is not in %o is refused with those that there are',
  (changes, ...it) => {
    const [option, names] = it;
    const { code, message } = refusalOf(changes);
    expect(code).toBe('IPX_OPTION_INVALID');
    expect(message).toContain(`The option ${option} cannot be used: it is none of `);
    expect(message).toMatch(names);
  },
);

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '0:0:0:0:0:0:0:1'],
])('AF-9 two VIPAs on one port of %s are refused by name, unless it is any', (one, other) => {
  const on = (port: number) => ({
    vipas: { chat: { ...chat, address: one, port }, shop: { ...chat, address: other, port } },
  });
  const { code, message } = refusalOf(on(7_000));
  expect(code).toBe('IPX_OPTION_INVALID');
  expect(message).toBe(
    `The option vipas.shop.port cannot be used: ${other}:7000 is VIPA "chat" already: ` +
      'give each a port of its own.',
  );
  expect(parseConfiguration({ ...sound, ...on(0) }).vipas).toHaveLength(2);
});

test('AF-9 a cluster of too many nodes is refused', () => {
  const nodes = Array.from({ length: 256 }, (_, number) => ({ id: `node-${number}` }));
  expect(refusalOf({ nodes, vipas: {} }).message).toMatch(/256 are too many: at most 255/);
});

test('AF-9 no options at all are refused by the first that is missing', () => {
  const none = undefined as unknown as ClusterOptions;
  expect(() => parseConfiguration(none)).toThrow(
    'startCluster() takes its options as an object: give at least { applications, nodes }.',
  );
  expect(refusalOf({ nodes: undefined }).code).toBe('IPX_OPTION_INVALID');
  expect(refusalOf({ applications: undefined }).code).toBe('IPX_APPLICATION_UNKNOWN');
});

test('nodes may be given by name or as a list, applications as a URL or a path', () => {
  const named = parseConfiguration(sound);
  const listed = parseConfiguration({
    ...sound,
    nodes: [{ id: 'edge' }, { id: 'hall', run: ['room'] }],
  });
  expect(listed).toEqual(named);
  expect([...named.applications.values()]).toEqual([
    'file:///lobby.js',
    matching(/^file:\/\/\/.*\/room\.js$/),
  ]);
});

test('an application that a node is told twice to run runs there once', () => {
  const twice = { edge: {}, hall: { run: ['room', 'room'] } };
  expect(parseConfiguration({ ...sound, nodes: twice })).toEqual(parseConfiguration(sound));
});

test('a node routes for the endpoints that it owns, and serves what it runs', () => {
  const configuration = parseConfiguration({
    ...sound,
    nodes: { edge: { run: ['lobby'] }, hall: {} },
    vipas: { chat, help: chat, shop: { ...chat, owner: 'hall' } },
  });
  expect(dutiesOf(configuration, 'edge' as NodeId)).toEqual({
    applications: [
      { application: 'lobby', role: 'routing' }, // Once, for both endpoints.
      { application: 'lobby', role: 'target' },
    ],
    endpoints: [
      { vipa: 'chat', preference: ['edge'], takeback: 'whenIdle' },
      { vipa: 'help', preference: ['edge'], takeback: 'whenIdle' },
    ],
  });
});
