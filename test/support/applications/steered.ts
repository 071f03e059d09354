/**
 * A routing and a target application that do what their client tells them, so that a test holds
 * its whole conversation in one place. See `commands.ts` for what can be told.
 */
import { subscribe } from 'node:diagnostics_channel';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  accept,
  InterplexError,
  reject,
  routingApplication,
  targetApplication,
  type Client,
  type Decision,
  type RouteContext,
  type ServeContext,
  type Target,
  type TransferPlan,
} from 'interplex';
import { announce, arrivalsOf, awaitArrival, isClosed, pass } from '../gates.ts';
import { circle, type Circling } from './circle.ts';
import type { Answer, Command, TableSeen, TransferCommand, Whereabouts } from './commands.ts';
import { answerOf } from './named-actors.ts';

/** What travels with a client. */
interface Steering {
  readonly answer: Answer;
  /** What the target was chosen as, to show that the state was made for it. */
  readonly forNode: string;
  readonly attempt: number;
  readonly state: unknown;
  readonly circling?: Circling;
}

/** Where a client is, and what can be done there. */
interface Place {
  readonly role: 'routing' | 'target';
  readonly state: unknown;
  readonly route: RouteContext | ServeContext<unknown>;
}

export const routing = routingApplication((client, route) => {
  return obey(client, { role: 'routing', state: undefined, route });
});

/** From a distributed VIPA a client comes without steering. */
export const target = targetApplication<Steering | undefined>({
  consider: ({ state }) => {
    haltWhenAsked();
    return decisionOf(state?.answer ?? 'accept');
  },
  serve: (client, context) => {
    if (!context.state) return obey(client, { role: 'target', state: undefined, route: context });
    const { circling, forNode, attempt, state } = context.state;
    if (circling) return circle(client, circling, context);
    return obey(client, { role: 'target', state: { forNode, attempt, state }, route: context });
  },
});

subscribe('interplex:client.frozen', () => {
  pass('frozen');
  if (!isClosed('halted')) return;
  announce('halting');
  awaitArrival('halted');
});

/** After the acceptance has left, and before the commit can be heard. */
function haltWhenAsked(): void {
  if (!isClosed('halted')) return;
  if (arrivalsOf('halting') > 0) pass('halted');
  else setImmediate(haltWhenAsked);
}

function decisionOf(answer: Answer): Decision | PromiseLike<Decision> {
  if (answer === 'accept, by a foreign promise') return promisedElsewhere(accept());
  if (answer === 'never') {
    announce('considering');
    return new Promise<Decision>(() => undefined);
  }
  if (answer === 'throw') throw new Error('consider() has thrown');
  if (answer === 'nonsense') return 'perhaps' as unknown as Decision;
  if (answer === 'no reason') return reject('');
  if (answer === 'block') pass('considering');
  return answer.startsWith('reject: ') ? reject(answer.slice('reject: '.length)) : accept();
}

/** A promise of another realm, which is none of ours by `instanceof`. */
const promisedElsewhere = runInNewContext('(value) => Promise.resolve(value)') as <Value>(
  value: Value,
) => PromiseLike<Value>;

async function obey(client: Client, place: Place): Promise<void> {
  for await (const line of client.lines()) {
    if (await hasLeft(client, place, JSON.parse(line) as Command)) return;
  }
  client.end(); // The client has ended its side.
}

/** Does what was told; true when the client is not here any more. */
async function hasLeft(client: Client, place: Place, command: Command): Promise<boolean> {
  const say = (value: unknown) => client.write(`${JSON.stringify(value)}\n`);
  if ('name' in command) {
    say(answerOf(place.route.node.actors, client, command));
    return false;
  }
  switch (command.do) {
    case 'echo':
      say(command.text);
      return false;
    case 'who':
    case 'table':
    case 'heap':
      say(looks[command.do](client, place));
      return false;
    case 'targets':
      say(place.route.targets('room'));
      return false;
    case 'watch':
      if ('on' in place.route) place.route.on('targets.changed', say);
      say('watching');
      return false;
    case 'peek':
    case 'read':
      say((await client[command.do](command.count)).toString('hex'));
      return false;
    case 'flood':
      client.write(Buffer.alloc(command.bytes, 0x2e));
      return false;
    case 'transfer':
      return transferred(client, place, command);
    case 'circle':
      await circle(client, command, place.route);
      return true;
    case 'block':
    case 'leak':
      if (command.do === 'leak') leak([]);
      else pass('considering');
      return false;
    case 'end':
      client.end();
      return true;
    case 'throw':
      throw new Error('the application has thrown');
    case 'crash':
      setImmediate(crash);
      return false;
  }
}

async function transferred(
  client: Client,
  place: Place,
  command: TransferCommand,
): Promise<boolean> {
  try {
    const result = await place.route.transfer(client, planOf(command));
    if (result.outcome === 'transferred') return true;
    client.write(`${JSON.stringify(result)}\n`);
  } catch (error) {
    if (!(error instanceof InterplexError)) throw error;
    client.write(`${JSON.stringify({ outcome: 'threw', code: error.code })}\n`);
  }
  return false;
}

function planOf(command: TransferCommand): TransferPlan {
  const { to = 'room', prefer, answers = {}, state, nextIsLast, attemptsMax, deadlineMs } = command;
  let attempt = 0;
  return {
    to,
    state: ({ node }: Target): Steering => {
      attempt += 1;
      return { answer: answers[node] ?? 'accept', forNode: node, attempt, state };
    },
    ...(prefer && {
      prefer: (targets: readonly Target[]) =>
        prefer.flatMap((node) => targets.filter((listed) => listed.node === node)),
    }),
    ...(nextIsLast && { next: (_: unknown, untried: readonly Target[]) => untried.at(-1) }),
    ...(attemptsMax !== undefined && { attemptsMax }),
    ...(deadlineMs !== undefined && { deadlineMs }),
  };
}

function crash(): never {
  throw new Error('the application has crashed');
}

/** A thousand objects a turn: the event loop goes on turning until the heap is full. */
function leak(kept: unknown[]): void {
  for (let count = 0; count < 1_000; count += 1) kept.push({ text: `${kept.length}`.repeat(20) });
  setImmediate(leak, kept);
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

function tableOf(_client: Client, { route: { node } }: Place): TableSeen {
  const { hash } = node.addressTable;
  const rows = node.addressTable.rows().map((row) => row.node);
  const members = node.members().map((member) => [member.node, member.status] as const);
  const routes = node.addressTable.routes();
  return { hash, rows: rows.toSorted(), members: Object.fromEntries<string>(members), routes };
}

function whereaboutsOf(client: Client, { role, route: { node }, state }: Place): Whereabouts {
  const { carrier, hops, connection } = client;
  const { epoch } = connection;
  return { role, node: node.id, threadId: node.threadId, state, carrier, hops, epoch };
}

/** What is answered at once, and changes nothing. */
const looks = { who: whereaboutsOf, table: tableOf, heap: heapBytes };
