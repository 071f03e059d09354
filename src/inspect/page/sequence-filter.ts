/** Which messages a sequence shows: between whom, of what, and as the search names them. */
import type { Message } from './message.ts';
import type { Model } from './model.ts';

export type Between = 'nodes' | 'actors';

export interface Filter {
  readonly between: Between;
  /** `transfer x/1`, `connection x/1`, `data port x`, or a text that stands in the message. */
  readonly only: string;
  /** Sessions: of one all that it says and hears, of several what they say to each other. */
  readonly lanes: readonly string[];
}

/** More is scrolled over, not read. */
const shownMax = 150;
const topicsMax = 50;

/** What a link to the view asks for: a topic, or an actor. */
export function filterOf(subject: string): Choice {
  const isTopic = /^(transfer|connection|data port) /.test(subject);
  const isActor = !isTopic && subject.includes('/');
  const isOfActors = isActor || subject.startsWith('data port ');
  const between = isOfActors ? 'actors' : 'nodes';
  return {
    ...(subject !== '' && { between }),
    only: isTopic ? subject : '',
    lanes: isTopic || subject === '' ? [] : [subject],
  };
}

/** What was chosen: until something is, between whom is decided by what there is. */
export type Choice = Omit<Filter, 'between'> & Partial<Filter>;

/** Where no cluster is told of, as in a trace of the checker, no nodes speak. */
export const chosenOf = (model: Model, choice: Choice): Filter => ({
  between: model.listOf('nodes').length > 0 || model.messages.length === 0 ? 'nodes' : 'actors',
  ...choice,
});

export interface Shown {
  readonly messages: readonly Message[];
  /** Of all that are meant. */
  readonly count: number;
}

export function shownOf(
  model: Model,
  messages: readonly Message[],
  { between, only, lanes, search }: Filter & { readonly search: string },
): Shown {
  const about = only.trim().toLowerCase();
  const found = messages
    .filter((message) => isBetween(message, between))
    .filter((message) => lanes.length === 0 || isOfLanes(message, lanes))
    .filter((message) => about === '' || isAbout(model, message, about))
    .filter((message) => search === '' || textOf(model, message).includes(search));
  const shown = found.slice(-shownMax).toSorted((one, other) => one.atMs - other.atMs);
  return { messages: shown, count: found.length };
}

/** What may be chosen, the newest first. */
export function topicsOf(model: Model): string[] {
  const transfers = [...model.transfers.list.values()].slice(-topicsMax).toReversed();
  const connections = new Set(transfers.flatMap(({ connection }) => connection ?? []));
  const ports = model.listOf<{ readonly port: string }>('dataPorts').map(({ port }) => port);
  return [
    ...transfers.map(({ name }) => `transfer ${name}`),
    ...[...connections].map((connection) => `connection ${connection}`),
    ...[...new Set(ports)].map((port) => `data port ${port}`),
  ];
}

const isNode = (session: string) => session.startsWith('node:') || session === 'cluster';

const isBetween = ({ from, to }: Message, between: Between): boolean =>
  between === 'nodes' ? isNode(to) && (from === undefined || isNode(from)) : !isNode(to);

const isOfLanes = ({ from = '', to }: Message, lanes: readonly string[]): boolean =>
  lanes.length === 1
    ? lanes.includes(to) || lanes.includes(from)
    : lanes.includes(to) && (from === '' || lanes.includes(from));

function isAbout(model: Model, message: Message, about: string): boolean {
  const { transfer, event, from = '', to } = message;
  const connection = model.transfers.connectionOf(message);
  const [, kind, name = ''] = /^(transfer|connection|data port) (.+)$/.exec(about) ?? [];
  if (kind === 'transfer') return transfer?.toLowerCase() === name;
  if (kind === 'connection') return connection?.toLowerCase() === name;
  const said = JSON.stringify(event).toLowerCase();
  if (kind === 'data port') {
    return `${textOf(model, message)} ${from} ${to} ${said}`.toLowerCase().includes(name);
  }
  return `${transfer ?? ''} ${connection ?? ''} ${said}`.toLowerCase().includes(about);
}

const textOf = (model: Model, { from = '', to, event }: Message): string =>
  `${laneName(model, from)} ${laneName(model, to)} ${event.type}`.toLowerCase();

export function laneName(model: Model, session: string): string {
  const actor = model.actors.get(session);
  return actor ? `${actor.node}: ${actor.name}` : session.replace(/^node:/, '');
}

/** Whose colour a lane has. */
export const laneNode = (model: Model, session: string): string =>
  model.actors.get(session)?.node ?? session.replace(/^node:/, '').replace(/\.\d+\/.*$/s, '');

/** All who have spoken, or been spoken to, by their names. */
export function lanesOf(model: Model, between: Between): string[] {
  const found = new Set<string>();
  for (const message of model.messages) {
    if (!isBetween(message, between)) continue;
    found.add(message.to);
    if (message.from !== undefined) found.add(message.from);
  }
  return [...found].toSorted((one, other) =>
    laneName(model, one).localeCompare(laneName(model, other), 'en', { numeric: true }),
  );
}
