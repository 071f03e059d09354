/** A value as text, the same for values that are alike; states are told apart by it. */
import { InterplexError } from '../errors.ts';

const depthMax = 64; // chosen: a state nested deeper refers to itself

/** Order of keys does not count; `undefined` and absence do. A function counts by its name. */
export function fingerprintOf(value: unknown, depth = 0): string {
  if (depth > depthMax) {
    const reason = 'A state refers to itself or nests too deep: keep plain values in the context.';
    throw new InterplexError('IPX_CHECK_CONTEXT', reason);
  }
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'object':
      return value === null ? 'null' : ofObject(value, depth + 1);
    case 'function':
      return `function ${value.name}`;
    case 'bigint':
      return `${value}n`;
    case 'symbol':
      return value.toString();
    default:
      return Object.is(value, -0) ? '-0' : String(value);
  }
}

function ofObject(value: object, depth: number): string {
  const list = (values: Iterable<unknown>) =>
    Array.from(values, (part) => fingerprintOf(part, depth)).join();
  if (Array.isArray(value)) return `[${list(value)}]`;
  if (value instanceof Map) return `Map{${list(value)}}`;
  if (value instanceof Set) return `Set{${list(value)}}`;
  if (value instanceof Date) return `Date ${value.getTime()}`;
  if (value instanceof Error) return `${value.name} ${JSON.stringify(value.message)}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}[${bytesOf(value).join()}]`;
  if ('sessionId' in value && 'id' in value) return `actor ${String(value.id)}`;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, part]) => `${key}:${fingerprintOf(part, depth)}`).join()}}`;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);
