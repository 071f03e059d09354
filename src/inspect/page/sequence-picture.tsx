/** Messages as arrows between lanes; those of the chosen one's transfer stand out. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { hueOf } from './colours.ts';
import { timeText } from './format.ts';
import type { Message } from './message.ts';
import type { Model } from './model.ts';
import { laneName, laneNode } from './sequence-filter.ts';

export interface SequencePictureProps {
  readonly model: Model;
  readonly messages: readonly Message[];
  readonly chosen: Message | undefined;
  readonly onChoose: (message: Message) => void;
}

const rowHeight = 30;
const headHeight = 34;
const laneMin = 88;
const namedMax = 176;
const laneMax = 240;
/** Of 12 pixels a letter is at most some 7 wide. */
const letterWidth = 7;

/** Where everything stands, of the room that there is. */
interface Frame {
  readonly width: number;
  readonly height: number;
  readonly timeWidth: number;
  readonly laneWidth: number;
  readonly xOf: (session: string) => number;
}

export function SequencePicture({ model, messages, chosen, onChoose }: SequencePictureProps) {
  const [place, room] = useRoom();
  const lanes = [...new Set(messages.flatMap(({ from, to }) => [from ?? to, to]))].toSorted(
    (one, other) =>
      laneName(model, one).localeCompare(laneName(model, other), 'en', { numeric: true }),
  );
  const longest = Math.max(0, ...lanes.map((lane) => laneName(model, lane).length));
  const frame = frameOf(lanes, { count: messages.length, room, longest });
  const stop = chosen && messages.includes(chosen) ? chosen : messages.at(-1);
  return (
    <div ref={place}>
      <LaneNames model={model} lanes={lanes} frame={frame} />
      <svg
        class="lanes"
        width={frame.width}
        height={frame.height}
        role="group"
        aria-label="Messages, oldest first"
      >
        {lanes.map((lane) => (
          <path
            class="lane"
            d={`M${frame.xOf(lane)},0 V${frame.height}`}
            style={{ stroke: hueOf(laneNode(model, lane)) }}
          />
        ))}
        {messages.map((message, index) => (
          <Arrow
            key={message.number}
            model={model}
            message={message}
            frame={frame}
            y={headHeight + (index + 0.6) * rowHeight}
            kind={kindOf(message, chosen)}
            isStop={message === stop}
            onChoose={onChoose}
          />
        ))}
      </svg>
    </div>
  );
}

interface LaneNamesProps {
  readonly model: Model;
  readonly lanes: readonly string[];
  readonly frame: Frame;
}

/** They stay in sight while the messages are scrolled. */
const LaneNames = ({ model, lanes, frame }: LaneNamesProps) => (
  <div class="lane-names" style={{ width: `${frame.width}px` }}>
    {lanes.map((lane) => (
      <span
        title={laneName(model, lane)}
        style={{
          left: `${frame.xOf(lane)}px`,
          maxWidth: `${frame.laneWidth - 8}px`,
          borderColor: hueOf(laneNode(model, lane)),
        }}
      >
        {laneName(model, lane)}
      </span>
    ))}
  </div>
);

/** As wide as the frame around it. */
function useRoom() {
  const place = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(900);
  useLayoutEffect(() => {
    const outer = place.current?.parentElement;
    if (!outer) return undefined;
    const observer = new ResizeObserver(() => setRoom(outer.clientWidth));
    observer.observe(outer);
    return () => observer.disconnect();
  }, []);
  return [place, room] as const;
}

interface Extent {
  readonly count: number;
  readonly room: number;
  /** Of the names of lanes. */
  readonly longest: number;
}

function frameOf(lanes: readonly string[], { count, room, longest }: Extent): Frame {
  const isNarrow = room < 560;
  const timeWidth = isNarrow ? 56 : 104;
  const least = Math.max(laneMin, Math.min(namedMax, longest * 7.5 + 30));
  const laneWidth = Math.max(least, Math.min(laneMax, (room - timeWidth) / lanes.length));
  const xOf = (session: string) => timeWidth + (lanes.indexOf(session) + 0.5) * laneWidth;
  const width = Math.max(room - 2, timeWidth + lanes.length * laneWidth);
  return { width, height: headHeight + count * rowHeight + 12, timeWidth, laneWidth, xOf };
}

interface ArrowProps {
  readonly model: Model;
  readonly message: Message;
  readonly frame: Frame;
  readonly y: number;
  readonly kind: string;
  /** Whether Tab leads here: from there arrows lead on, for there are many. */
  readonly isStop: boolean;
  readonly onChoose: (message: Message) => void;
}

/** Enter and the space bar choose, up and down lead to the next message. */
function pressAt(event: preact.TargetedKeyboardEvent<SVGGElement>, choose: () => void): void {
  const { key, currentTarget } = event;
  const next = {
    ArrowUp: currentTarget.previousElementSibling,
    ArrowDown: currentTarget.nextElementSibling,
  }[key];
  if (key === 'Enter' || key === ' ') choose();
  else if (next instanceof SVGGElement) next.focus();
  else return;
  event.preventDefault();
}

const loop = 22;

function Arrow({ model, message, frame, y, kind, isStop, onChoose }: ArrowProps) {
  const { from = message.to, to, atMs } = message;
  const { xOf, width, timeWidth } = frame;
  const [start, end] = [xOf(from), xOf(to)];
  const isSelf = start === end;
  const text = labelOf(model, message);
  const textWidth = text.length * letterWidth + 10;
  const x = isSelf
    ? besideLoop(start, textWidth, width)
    : Math.max(timeWidth, Math.min(width - textWidth - 2, (start + end - textWidth) / 2));
  const way = `from ${laneName(model, from)} to ${laneName(model, to)}`;
  const top = y - rowHeight * 0.6;
  return (
    <g
      class={`message ${kind}`}
      role="button"
      tabindex={isStop ? 0 : -1}
      aria-label={`${timeText(atMs)} ${text}, ${way}`}
      onClick={() => onChoose(message)}
      onKeyDown={(event) => pressAt(event, () => onChoose(message))}
    >
      <rect class="hit" x={0} y={top} width={width} height={rowHeight} />
      <text class="time" x={4} y={y + 4}>
        {`${timeWidth < 100 ? timeText(atMs).slice(6) : timeText(atMs)} `}
      </text>
      <path class="wire" d={isSelf ? loopPath(start, y) : `M${start},${y} H${end}`} />
      <circle class="origin" cx={start} cy={isSelf ? y - 5 : y} r={3} />
      <path class="tip" d={tipPath(end, isSelf ? y + 5 : y, isSelf || end < start)} />
      <rect class="paper" x={x} y={y - 9} width={textWidth} height={18} rx={5} />
      <text class="what" x={x + textWidth / 2} y={y + 4}>
        {text}
      </text>
    </g>
  );
}

/** At its right, or where there is no room at its left. */
const besideLoop = (x: number, textWidth: number, width: number): number =>
  x + loop + 4 + textWidth < width ? x + loop + 4 : x - textWidth - 6;

const loopPath = (x: number, y: number) => `M${x},${y - 5} h${loop - 5} a5,5 0 0 1 0,10 H${x}`;

function tipPath(x: number, y: number, isLeftwards: boolean): string {
  const back = isLeftwards ? 8 : -8;
  return `M${x},${y} l${back},-4.5 v9 z`;
}

const labelMax = 34;

/** Of a message of a transfer also which connection it moves. */
function labelOf(model: Model, message: Message): string {
  const { transfer } = message;
  const { type } = message.event;
  const about = model.transfers.connectionOf(message) ?? transfer;
  const text = about === undefined ? type : `${type.replace(/^transfer\./, '')} ${about}`;
  return text.length > labelMax ? `${text.slice(0, labelMax - 1)}…` : text;
}

/** What it means, and whether it belongs to what is chosen. */
function kindOf(message: Message, chosen: Message | undefined): string {
  const { type } = message.event;
  const meaning = /reject|refus|cancel|fail|lost|ended|error/.test(type)
    ? 'bad'
    : /confirm|started|accept/.test(type)
      ? 'good'
      : '';
  if (!chosen) return meaning;
  if (message === chosen) return `${meaning} chosen`;
  const isSame = chosen.transfer !== undefined && message.transfer === chosen.transfer;
  return `${meaning}${isSame ? '' : ' dim'}`;
}
