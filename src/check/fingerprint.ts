/** A value as text, the same for values that are alike; states are told apart by it. */
import { InterplexError } from '../errors.ts';

const depthMax = 64; // chosen: a state nested deeper refers to itself

/** What a name is called in a text; by default, as it is. */
export type Naming = (name: string) => string;
const asItIs: Naming = (name) => name;

/**
 * Order of keys does not count; `undefined` and absence do. A function counts by its name. Each
 * whole string and each key is called by `naming`.
 */
export function fingerprintOf(value: unknown, naming: Naming = asItIs, depth = 0): string {
  if (depth > depthMax) {
    const reason = 'A state refers to itself or nests too deep: keep plain values in the context.';
    throw new InterplexError('IPX_CHECK_CONTEXT', reason);
  }
  switch (typeof value) {
    case 'string':
      return JSON.stringify(naming(value));
    case 'object':
      return value === null ? 'null' : ofObject(value, naming, depth + 1);
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

function ofObject(value: object, naming: Naming, depth: number): string {
  const list = (values: Iterable<unknown>) =>
    Array.from(values, (part) => fingerprintOf(part, naming, depth)).join();
  if (Array.isArray(value)) return `[${list(value)}]`;
  if (value instanceof Map) return `Map{${list(value)}}`;
  if (value instanceof Set) return `Set{${list(value)}}`;
  if (value instanceof Date) return `Date ${value.getTime()}`;
  if (value instanceof Error) return `${value.name} ${JSON.stringify(value.message)}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}[${bytesOf(value).join()}]`;
  if ('sessionId' in value && 'id' in value) return `actor ${naming(String(value.id))}`;
  const textOf = ([key, part]: [string, unknown]) =>
    `${naming(key)}:${fingerprintOf(part, naming, depth)}`;
  return `{${Object.entries(value).map(textOf).toSorted().join()}}`;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);
