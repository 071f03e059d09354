/** One node: whether it lives, what it has to do, and, where one may, what can be done to it. */
import type { NodeFigures } from '../figures.ts';
import { bytesText, countText, percentText } from './format.ts';
import type { PlotLine } from './plotted.ts';
import type { Session } from './session.ts';
import { Swatch } from './swatch.tsx';

export interface NodeCardProps {
  readonly session: Session;
  readonly figures: NodeFigures;
  readonly eventsPerSecond: number;
  /** How busy its event loop was, in percent; the newest last. */
  readonly use: PlotLine['values'];
}

const lives = ['living', 'blocked'];
const kinds = {
  living: 'good',
  blocked: 'warn',
  starting: 'warn',
  restarting: 'warn',
  ended: 'bad',
  failed: 'bad',
} as const;

export function NodeCard({ session, figures, eventsPerSecond, use }: NodeCardProps) {
  const { node, condition = 'starting', threadId, run, commands = [] } = figures;
  const isAlive = lives.includes(condition);
  return (
    <article class={`card ${condition}`} aria-label={`Node ${node}`}>
      <h2>
        <Swatch name={node} />
        {node}
        <span class={`badge ${kinds[condition]}`}>
          <span class="dot" aria-hidden="true" />
          {condition}
        </span>
      </h2>
      <p class="faint">
        <span>
          {isAlive ? `thread ${threadId ?? '?'}` : 'no thread'}
          {run.length > 0 && ` · runs ${run.join(', ')}`}
        </span>
        <span class="loop">{isAlive && `loop ${percentText(figures.eventLoopUse ?? 0)}`}</span>
      </p>
      <Use node={node} share={isAlive ? (figures.eventLoopUse ?? 0) : 0} values={use} />
      <dl>
        {rowsOf(figures, eventsPerSecond, isAlive).map(([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {session.model.control && <Controls session={session} node={node} commands={commands} />}
    </article>
  );
}

function rowsOf(figures: NodeFigures, eventsPerSecond: number, isAlive: boolean) {
  const { clients = 0, transfersUnderway = 0, mailboxDepth = 0, heapBytes = 0 } = figures;
  const of = (text: string) => (isAlive ? text : '–');
  return [
    ['clients', of(countText(clients))],
    ['transfers', of(countText(transfersUnderway))],
    ['events/s', of(countText(eventsPerSecond))],
    ['heap', of(bytesText(heapBytes))],
    ['mailboxes', of(countText(mailboxDepth))],
    ['restarts', countText(figures.restarts ?? 0)],
  ] as const;
}

interface UseProps {
  readonly node: string;
  readonly share: number;
  readonly values: PlotLine['values'];
}

/** Half a minute, four times a second. */
const shownCount = 120;

const Use = ({ node, share, values }: UseProps) => {
  const shown = values.slice(-shownCount);
  const points = shown.map(
    (value = 0, index) => `${shownCount - shown.length + index},${(100 - value).toFixed(1)}`,
  );
  return (
    <div class="use" role="img" aria-label={`Event loop of ${node}: ${percentText(share)} in use`}>
      <svg
        class="spark"
        viewBox={`0 0 ${shownCount - 1} 104`}
        preserveAspectRatio="none"
        style={{ color: 'var(--lit-line)' }}
      >
        {points.length > 1 && (
          <>
            <path
              d={`M${points.join(' L')} V104 H${shownCount - shown.length} z`}
              fill="currentColor"
              opacity="0.14"
            />
            <path
              d={`M${points.join(' L')}`}
              fill="none"
              stroke="currentColor"
              stroke-width="1.4"
            />
          </>
        )}
      </svg>
    </div>
  );
};

interface ControlsProps {
  readonly session: Session;
  readonly node: string;
  readonly commands: NonNullable<NodeFigures['commands']>;
}

/** Only what is done is offered. */
function Controls({ session, node, commands }: ControlsProps) {
  return (
    <div class="controls">
      {commands.map((command) => (
        <button
          type="button"
          class={command === 'kill' ? 'danger' : undefined}
          aria-label={`${command} ${node}`}
          onClick={() => void session.perform({ command, node })}
        >
          {command}
        </button>
      ))}
    </div>
  );
}
