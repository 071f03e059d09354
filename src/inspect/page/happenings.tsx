/** What has become of the cluster lately: who came, who ended, who owns what. */
import { timeText } from './format.ts';
import type { Message } from './message.ts';
import type { Model } from './model.ts';

const shownMax = 30;

const kinds: Readonly<Record<string, string>> = {
  'node.started': 'good',
  'node.resumed': 'good',
  'node.restarting': 'warn',
  'node.blocked': 'warn',
  'node.ended': 'bad',
  'node.failed': 'bad',
  'cluster.failed': 'bad',
  'application.failed': 'bad',
};

export function Happenings({ model }: { readonly model: Model }) {
  const rows = model.happenings.slice(-shownMax).toReversed();
  return (
    <section class="panel" aria-label="Happenings">
      <h2>Happenings</h2>
      {rows.length === 0 && (
        <p class="empty">Nothing yet: a node that ends, or is started, stands here.</p>
      )}
      <ol class="happenings">
        {rows.map((message) => (
          <li key={message.number} class={kinds[message.event.type]}>
            <span class="dot" aria-hidden="true" />
            <span class="faint">{timeText(message.atMs)}</span>
            <span>{sentenceOf(message)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function sentenceOf({ event }: Message): string {
  const node = textOf(event['node']);
  switch (event.type) {
    case 'node.started':
      return `${node} lives`;
    case 'node.ended':
      return `${node} has ended, ${textOf(event['cause'])}${reasonOf(event['reason'])}`;
    case 'node.restarting':
      return `${node} starts again after a pause of ${textOf(event['afterMs'])} ms`;
    case 'node.failed':
      return `${node} crashed too often, and stays down`;
    case 'node.blocked':
      return `the event loop of ${node} has not turned for ${textOf(event['forMs'])} ms`;
    case 'node.resumed':
      return `the event loop of ${node} turns again`;
    case 'vipa.owned':
      return `${node} owns ${textOf(event['vipa'])}`;
    default:
      return `${event.type} ${node}`;
  }
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 200) : '';

const reasonOf = (reason: unknown) => (textOf(reason) === '' ? '' : `: ${textOf(reason)}`);
