// tidy: function-size: what filters messages stands above the fields that set it.
/** Messages over time, from line to line: between nodes, or between the actors in them. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { element, type Element } from '../drawing.ts';
import type { ViewProps } from './app.tsx';
import { timeText } from './format.ts';
import type { Message, Model } from './model.ts';
import { svgTree } from './svg-tree.tsx';

const shownMax = 150;
const laneWidth = 190;
const firstLane = 190;
const rowHeight = 30;
const headHeight = 44;

type Between = 'nodes' | 'actors';

export function SequenceView({ session, search, subject }: ViewProps) {
  const { model } = session;
  const topic = /^(transfer|connection) /.test(subject) ? subject : '';
  const lone = topic === '' ? subject : '';
  const [between, setBetween] = useState<Between>(lone.includes('/') ? 'actors' : 'nodes');
  const [only, setOnly] = useState(topic);
  const [held, hold] = useState<readonly Message[] | undefined>(undefined);
  const [isClosely, setClosely] = useState<Message | undefined>(undefined);
  const about = only.trim().toLowerCase();
  const found = (held ?? model.messages)
    .filter((message) => isBetween(message, between))
    .filter(({ to, from }) => lone === '' || to === lone || from === lone)
    .filter((message) => about === '' || isAbout(message, about))
    .filter((message) => search === '' || textOf(model, message).includes(search));
  const messages = found.slice(-shownMax).toSorted((one, other) => one.atMs - other.atMs);
  const transfers = [...new Set(model.messages.flatMap(({ transfer }) => transfer ?? []))];
  const connections = [...new Set(model.messages.flatMap(({ connection }) => connection ?? []))];
  return (
    <div class="sequence panel">
      <div class="filters">
        <label>
          between{' '}
          <select
            value={between}
            onChange={({ currentTarget }) => setBetween(currentTarget.value as Between)}
          >
            <option value="nodes">nodes</option>
            <option value="actors">actors</option>
          </select>
        </label>
        <label>
          only of{' '}
          <input
            list="topics"
            value={only}
            placeholder="a transfer or connection"
            onInput={({ currentTarget }) => setOnly(currentTarget.value)}
          />
        </label>
        <datalist id="topics">
          {transfers.slice(-50).map((transfer) => (
            <option value={`transfer ${transfer}`} />
          ))}
          {connections.slice(-50).map((connection) => (
            <option value={`connection ${connection}`} />
          ))}
        </datalist>
        <button type="button" onClick={() => hold(held ? undefined : model.messages.slice())}>
          {held ? 'Go on' : 'Hold'}
        </button>
        <span class="faint">
          {messages.length === found.length
            ? `${found.length} messages`
            : `the last ${messages.length} of ${found.length}`}
        </span>
      </div>
      {messages.length === 0 ? (
        <p class="empty">
          No message yet. A client that moves shows as offer, accept, commit and confirm.
        </p>
      ) : (
        <Following count={messages.at(-1)?.number ?? 0}>
          <Picture
            model={model}
            messages={messages}
            onChoose={(message) => {
              setClosely(message);
              if (message.transfer !== undefined) setOnly(`transfer ${message.transfer}`);
            }}
          />
        </Following>
      )}
      {isClosely && (
        <div class="closely">
          <h3>
            {isClosely.event.type}{' '}
            <button type="button" onClick={() => setClosely(undefined)}>
              Close
            </button>
          </h3>
          <pre tabIndex={0}>{JSON.stringify(isClosely.event, undefined, 2)}</pre>
        </div>
      )}
    </div>
  );
}

interface FollowingProps {
  readonly count: number;
  readonly children: preact.ComponentChildren;
}

/** Stays at its end while more comes, unless one has scrolled away from it. */
function Following({ count, children }: FollowingProps) {
  const frame = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    const list = frame.current;
    if (list && isAtEnd.current) list.scrollTop = list.scrollHeight;
  }, [count]);
  const look = ({ currentTarget }: { currentTarget: HTMLDivElement }) => {
    const { scrollHeight, scrollTop, clientHeight } = currentTarget;
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < 40;
  };
  return (
    <div
      ref={frame}
      class="sequence-scroll"
      tabIndex={0}
      role="region"
      aria-label="Sequence of messages"
      onScroll={look}
    >
      {children}
    </div>
  );
}

const isNode = (session: string) => session.startsWith('node:') || session === 'cluster';

const isBetween = ({ from, to }: Message, between: Between): boolean =>
  between === 'nodes' ? isNode(to) && (from === undefined || isNode(from)) : !isNode(to);

function isAbout({ transfer, connection, event }: Message, about: string): boolean {
  const [, kind, name] = /^(transfer|connection) (.+)$/.exec(about) ?? [];
  if (kind === 'transfer') return transfer?.toLowerCase() === name;
  if (kind === 'connection') return connection?.toLowerCase() === name;
  return `${event.type} ${transfer ?? ''} ${connection ?? ''} ${JSON.stringify(event)}`
    .toLowerCase()
    .includes(about);
}

const textOf = (model: Model, { from = '', to, event }: Message): string =>
  `${laneName(model, from)} ${laneName(model, to)} ${event.type}`.toLowerCase();

function laneName(model: Model, session: string): string {
  const actor = model.actors.get(session);
  return actor ? `${actor.node}: ${actor.name}` : session.replace(/^node:/, '');
}

interface PictureProps {
  readonly model: Model;
  readonly messages: readonly Message[];
  readonly onChoose: (message: Message) => void;
}

function Picture({ model, messages, onChoose }: PictureProps) {
  const lanes = [...new Set(messages.flatMap(({ from, to }) => [from ?? to, to]))].toSorted();
  const xOf = (session: string) => firstLane + lanes.indexOf(session) * laneWidth;
  const width = firstLane + (lanes.length - 1) * laneWidth + 250;
  const height = headHeight + messages.length * rowHeight + 20;
  const picture = (
    <svg
      class="lanes"
      width={width}
      height={height}
      role="group"
      aria-label="Messages, oldest first"
    >
      {svgTree(head())}
      {lanes.map((lane) => svgTree(line(xOf(lane), height)))}
      {messages.map((message, index) => {
        const y = headHeight + (index + 0.75) * rowHeight;
        const { from = message.to, to, event } = message;
        const way = `from ${laneName(model, from)} to ${laneName(model, to)}`;
        return (
          <g
            key={message.number}
            class={`message ${kindOf(event.type)}`}
            role="button"
            tabindex={0}
            aria-label={`${timeText(message.atMs)} ${shownText(message)}, ${way}`}
            onClick={() => onChoose(message)}
            onKeyDown={({ key }) => key === 'Enter' && onChoose(message)}
          >
            {svgTree(arrow(message, xOf(from), xOf(to), y))}
          </g>
        );
      })}
    </svg>
  );
  return (
    <div style={{ width: `${width}px` }}>
      <div class="lane-names" style={{ width: `${width}px` }}>
        {lanes.map((lane) => (
          <span style={{ left: `${xOf(lane)}px` }} title={lane}>
            {laneName(model, lane)}
          </span>
        ))}
      </div>
      {picture}
    </div>
  );
}

const kindOf = (type: string): string =>
  /reject|refus|cancel|fail|lost|ended|error/.test(type)
    ? 'bad'
    : /confirm|started|accept/.test(type)
      ? 'good'
      : '';

const head = (): Element =>
  element(
    'defs',
    {},
    element(
      'marker',
      {
        id: 'tip',
        viewBox: '0 0 8 8',
        refX: 7,
        refY: 4,
        markerWidth: 8,
        markerHeight: 8,
        orient: 'auto-start-reverse',
      },
      element('path', { d: 'M0,0 L8,4 L0,8 z', class: 'tip' }),
    ),
  );

const line = (x: number, height: number): Element =>
  element('path', { class: 'lane', d: `M${x},${headHeight - 8} V${height}` });

function shownText({ event, transfer }: Message): string {
  const text = transfer === undefined ? event.type : `${event.type} ${transfer}`;
  return text.length > 30 ? `${text.slice(0, 29)}…` : text;
}

function arrow(message: Message, from: number, to: number, y: number): Element {
  const { atMs } = message;
  const isSelf = from === to;
  const d = isSelf
    ? `M${from},${y - 6} h26 v10 h-24`
    : `M${from},${y} H${to + (to > from ? -1 : 1)}`;
  const place = isSelf ? { x: from + 32, y: y + 2 } : { x: Math.min(from, to) + 14, y: y - 6 };
  return element(
    'g',
    {},
    element('rect', {
      class: 'hit',
      x: 0,
      y: y - rowHeight * 0.7,
      width: '100%',
      height: rowHeight,
    }),
    element('text', { class: 'time', x: 8, y }, `${timeText(atMs)} `),
    element('path', { class: 'wire', d, 'marker-end': 'url(#tip)' }),
    element('text', { ...place }, shownText(message)),
  );
}
