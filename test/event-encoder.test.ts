/**
 * Goal: AF-9: what is no event is refused at its sender; nothing of it is on the way to the other
 * node, whose thread could not read on.
 * Method: whatever a program in JavaScript may send, then an event, against that event alone.
 */
import { expect, test } from 'vitest';
import { EventEncoder, type PackableEvent } from '#internal/wire/event';

const newEncoder = () => new EventEncoder(() => undefined);

test.each([[undefined], [null], ['text'], [{}], [{ type: 5 }], [{ type: null, text: 'x' }]])(
  'AF-9 %j is refused as an event, and the next one travels as ever',
  (wrong) => {
    const encoder = newEncoder();
    const told = () => encoder.tell('b/echo#1', wrong as unknown as PackableEvent);
    expect(told).toThrow(expect.objectContaining({ code: 'IPX_STATE_INVALID' }));
    expect(encoder.count).toBe(0);
    const alone = newEncoder();
    for (const each of [encoder, alone]) each.tell('b/echo#1', { type: 'hello' });
    expect(encoder.take()).toBe(alone.take());
  },
);
