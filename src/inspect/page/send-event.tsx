/** Where one may: an event for an actor, chosen from those that its machine knows, or written. */
import { useState } from 'preact/hooks';
import type { Chart } from '../chart.ts';
import type { Actor } from './model.ts';
import type { Session } from './session.ts';

export interface SendEventProps {
  readonly session: Session;
  readonly actor: Actor;
  readonly chart: Chart | undefined;
}

export function SendEvent({ session, actor, chart }: SendEventProps) {
  const [text, setText] = useState('');
  const known = new Set(
    chart?.arrows.flatMap(({ events }) => events).filter((event) => /^[\w.-]+$/.test(event)),
  );
  const send = (event: Event) => {
    event.preventDefault();
    const parsed = eventOf(text);
    if (parsed) {
      void session.perform({ command: 'send', sessionId: actor.sessionId, event: parsed });
    } else {
      session.complain('Write the name of an event, or an event as JSON with its type.');
    }
  };
  return (
    <form class="send" onSubmit={send}>
      <label>
        Send an event
        <input
          list="events"
          value={text}
          placeholder='drain, or {"type":"drain"}'
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <datalist id="events">
        {[...known].map((event) => (
          <option value={event} />
        ))}
      </datalist>
      <button type="submit">Send</button>
    </form>
  );
}

function eventOf(text: string): { type: string } | undefined {
  const trimmed = text.trim();
  if (/^[\w.-]+$/.test(trimmed)) return { type: trimmed };
  try {
    const event: unknown = JSON.parse(trimmed);
    const isEvent = typeof event === 'object' && event !== null && 'type' in event;
    return isEvent && typeof event.type === 'string' ? (event as { type: string }) : undefined;
  } catch {
    return undefined; // It is said that this is none.
  }
}
