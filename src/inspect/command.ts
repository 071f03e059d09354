/** What a page asks for, as its WebSocket brings it: checked, since anybody may have sent it. */
import type { Command, PlainEvent } from './records.ts';

/** `undefined`: it is no command, and is passed over. */
export function parseCommand(message: string): { number: number; command: Command } | undefined {
  let given: unknown;
  try {
    given = JSON.parse(message);
  } catch {
    return undefined; // Not our page.
  }
  if (typeof given !== 'object' || given === null) return undefined;
  const { number, command, sessionId, event, node, path } = given as Record<string, unknown>;
  if (typeof number !== 'number') return undefined;
  switch (command) {
    case 'send':
      return typeof sessionId === 'string' && isEvent(event)
        ? { number, command: { command, sessionId, event } }
        : undefined;
    case 'kill':
    case 'drain':
    case 'restart':
      return typeof node === 'string' ? { number, command: { command, node } } : undefined;
    case 'cut':
      return typeof path === 'string' ? { number, command: { command, path } } : undefined;
    default:
      return undefined;
  }
}

const isEvent = (value: unknown): value is PlainEvent =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
