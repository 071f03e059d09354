/**
 * Room for the bodies of frames. Memory outside the heap is what a collection is due for: to take
 * it anew for each frame halves what a thread receives (measured by the bench data-port). Hence a
 * body that nobody keeps is given back.
 */
import { limits } from '../limits.ts';

/** Smaller ones would hold a whole room for little. */
const pooledMin = limits.frameBodyBytesMax / 2;
const rooms: ArrayBuffer[] = [];

/** Its bytes are whatever they were. */
export function takeBody(length: number): Buffer {
  if (length < pooledMin) return Buffer.allocUnsafeSlow(length);
  return Buffer.from(rooms.pop() ?? new ArrayBuffer(limits.frameBodyBytesMax), 0, length);
}

/** Nobody reads it any more. One that was not taken here is left alone. */
export function giveBody({ buffer, length }: Buffer): void {
  const isRoom = length >= pooledMin && buffer.byteLength === limits.frameBodyBytesMax;
  if (isRoom && rooms.length < limits.bodiesKept) rooms.push(buffer as ArrayBuffer);
}
