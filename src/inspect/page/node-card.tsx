/** One node: whether it lives, what it has to do, and, where one may, what can be done to it. */
import type { NodeFigures } from '../figures.ts';
import { bytesText, countText, percentText } from './format.ts';
import type { Session } from './session.ts';

export interface NodeCardProps {
  readonly session: Session;
  readonly figures: NodeFigures;
  readonly eventsPerSecond: number;
}

const lives = ['living', 'blocked'];

export function NodeCard({ session, figures, eventsPerSecond }: NodeCardProps) {
  const { node, condition = 'starting', threadId, run, restarts = 0 } = figures;
  const isAlive = lives.includes(condition);
  const { clients = 0, transfersUnderway = 0, mailboxDepth = 0, heapBytes = 0 } = figures;
  const rows = isAlive
    ? [
        ['clients', countText(clients)],
        ['transfers', countText(transfersUnderway)],
        ['mailboxes', countText(mailboxDepth)],
        ['events/s', countText(eventsPerSecond)],
        ['heap', bytesText(heapBytes)],
        ['restarts', countText(restarts)],
      ]
    : [['restarts', countText(restarts)]];
  return (
    <article class={`card ${condition}`} aria-label={`Node ${node}`}>
      <h2>
        {node} <span class={`badge ${condition}`}>{condition}</span>
      </h2>
      <p class="faint">
        {isAlive ? `thread ${threadId ?? '?'}` : 'no thread'}
        {run.length > 0 && `, runs ${run.join(', ')}`}
      </p>
      {isAlive && <Use share={figures.eventLoopUse ?? 0} />}
      <dl>
        {rows.map(([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {session.model.control && <Controls session={session} node={node} isAlive={isAlive} />}
    </article>
  );
}

const Use = ({ share }: { readonly share: number }) => (
  <div class="use">
    <meter min={0} max={1} high={0.8} value={share} aria-label="Event loop in use" />
    <span>{percentText(share)}</span>
  </div>
);

interface ControlsProps {
  readonly session: Session;
  readonly node: string;
  readonly isAlive: boolean;
}

function Controls({ session, node, isAlive }: ControlsProps) {
  const commands = isAlive ? (['kill', 'drain'] as const) : (['restart'] as const);
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
