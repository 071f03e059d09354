/**
 * Goal: AF-9: what an actor or its sender cannot do is refused by a code, with a sentence that
 * says what to give, and leaves nothing behind.
 * Method: a node in this thread, called as only a program without types can call it.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startNode, type ActorReference, type Node, type NodeActors } from 'interplex';
import { matching } from '../support/matching.ts';
import { Stage } from '../support/stage.ts';

/** The same functions, without their types. */
type Untyped<Type> = { [Name in keyof Type]: (...given: unknown[]) => unknown };

let node: Node;
let actors: Untyped<NodeActors>;
let echo: Untyped<ActorReference>;
beforeAll(async () => {
  node = await startNode({ id: 'alone', applications: {}, log: { level: 'silent' } });
  actors = node.actors as unknown as Untyped<NodeActors>;
  const reference = node.actors.spawn('echo', (event) => event);
  echo = reference as unknown as Untyped<ActorReference>;
});
afterAll(() => node.stop());

const idle = () => undefined;

/** What a call is refused with, at once or by its promise. */
async function refusalOf(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return error;
  }
}

test.each<[string, string, () => unknown, RegExp]>([
  ['nothing to run', 'IPX_OPTION_INVALID', () => actors.spawn('x'), /spawn\(\) has .* "x": give X/],
  ['no logic', 'IPX_OPTION_INVALID', () => actors.spawn('x', {}), /a function of \(event, cont/],
  ['no name', 'IPX_ADDRESS_INVALID', () => actors.spawn(undefined, idle), /"undefined" is no name/],
  ['no receiver', 'IPX_OPTION_INVALID', () => actors.register('x'), /an object with send\(event\)/],
  ['null as options', 'IPX_OPTION_INVALID', () => actors.spawn('x', idle, null), /as an object/],
  ['a number as kind', 'IPX_OPTION_INVALID', () => spawned({ kind: 5 }), /kind .* give a string/],
  [
    'a word as mailbox',
    'IPX_OPTION_INVALID',
    () => spawned({ mailbox: 'reject' }),
    /mailbox .* obj/,
  ],
  ['a number as mailbox', 'IPX_OPTION_INVALID', () => spawned({ mailbox: 5 }), /mailbox .* object/],
  ['null as mailbox', 'IPX_OPTION_INVALID', () => spawned({ mailbox: null }), /mailbox .* object/],
  ['null as supervision', 'IPX_OPTION_INVALID', () => spawned({ supervision: null }), /an object/],
])('AF-9 an actor of %s is not made: %s', async (_, code, call, sentence) => {
  expect(await refusalOf(call)).toMatchObject({ code, message: matching(sentence) });
  expect(node.actors.mailboxes()).toHaveLength(1);
  expect(node.actors.find('x')).toBeUndefined();
});

const spawned = (options: object) => actors.spawn('x', idle, options);

test.each<[string, () => unknown, RegExp]>([
  ['subscribe() without a wish', () => actors.subscribe(), /give \{ name \} or \{ kind \}/],
  ['subscribe() to anything', () => actors.subscribe({}, idle), /give \{ name \} or \{ kind \}/],
  ['findAll() of anything', () => actors.findAll({}), /give \{ name \} or \{ kind \}/],
  [
    'subscribe() for nobody',
    () => actors.subscribe({ name: 'echo' }),
    /subscribe\(\) .*a function/,
  ],
  ['watch() for nobody', () => echo.watch(), /watch\(\) .* give it a function/],
  ['ask() for a word', () => echo.ask({ type: 'a' }, { timeoutMs: '5' }), /timeoutMs is 5: give/],
  ['ask() with null', () => echo.ask({ type: 'a' }, null), /give \{ timeoutMs \}/],
  ['stop() for a word', () => actors.stop(echo, { drainMs: '5' }), /drainMs is 5: give/],
])('AF-9 %s is refused', async (_, call, sentence) => {
  const code = 'IPX_OPTION_INVALID';
  expect(await refusalOf(call)).toMatchObject({ code, message: matching(sentence) });
});

const noEvents = [undefined, null, 'hello', 5, {}, { type: 5 }, [{ type: 'a' }]];

test.each(noEvents)('AF-9 %o is no event: an actor of this node is not sent it', async (event) => {
  const refusal = { code: 'IPX_STATE_INVALID', message: matching(/must be an event: an object/) };
  expect(await refusalOf(() => echo.send(event))).toMatchObject(refusal);
  expect(await refusalOf(() => echo.ask(event))).toMatchObject(refusal);
  const asked = node.actors.spawn('asked', ({ replyTo }) => {
    const back = replyTo as unknown as Untyped<ActorReference>;
    return refusalOf(() => back.send(event)).then((thrown) => ({ type: 'refused', thrown }));
  });
  expect(await asked.ask({ type: 'answer' })).toMatchObject({ thrown: refusal });
  await node.actors.stop(asked);
});

test('AF-9 what is no event is refused for an actor of another node by the same', async () => {
  const stage = await Stage.start(['edge', 'hall']);
  try {
    const to = await stage.spawn('hall', { name: 'echo', part: 'player' });
    const here = () => refusalOf(() => echo.send({}));
    const there = () => stage.tell('edge', { do: 'send', to, event: {} as { type: string } });
    const { message } = (await here()) as Error;
    await expect(there()).rejects.toThrow(message);
  } finally {
    await stage.stop();
  }
});
