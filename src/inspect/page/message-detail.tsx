/** One message, as it was sent, and what it belongs to. */
import { timeText } from './format.ts';
import type { Message } from './message.ts';
import type { Model } from './model.ts';
import { linkTo } from './place.ts';
import { laneName } from './sequence-filter.ts';

export interface MessageDetailProps {
  readonly model: Model;
  readonly message: Message;
  /** Shows nothing but what is of this. */
  readonly onOnly: (topic: string) => void;
  readonly onClose: () => void;
}

export function MessageDetail({ model, message, onOnly, onClose }: MessageDetailProps) {
  const { event, atMs, from, to, transfer } = message;
  const connection = model.transfers.connectionOf(message);
  const topics = [
    ...(transfer === undefined ? [] : [`transfer ${transfer}`]),
    ...(connection === undefined ? [] : [`connection ${connection}`]),
  ];
  return (
    <section class="panel detail" aria-label="Chosen message">
      <h2>
        <span>{event.type}</span>
        <button type="button" class="plain" onClick={onClose}>
          Close
        </button>
      </h2>
      <p class="faint">
        {timeText(atMs)} · {from !== undefined && <End model={model} session={from} />}
        {from !== undefined && ' → '}
        <End model={model} session={to} />
      </p>
      {topics.map((topic) => (
        <button type="button" onClick={() => onOnly(topic)}>
          only {topic}
        </button>
      ))}
      <pre tabIndex={0}>{JSON.stringify(event, undefined, 2)}</pre>
    </section>
  );
}

function End({ model, session }: { readonly model: Model; readonly session: string }) {
  const name = laneName(model, session);
  return model.actors.has(session) ? <a href={linkTo('chart', session)}>{name}</a> : <>{name}</>;
}
