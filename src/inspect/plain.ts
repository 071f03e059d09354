/**
 * Any value as JSON that is small and harmless: deep, long, cyclic and throwing values are cut.
 * Contexts and events are the users' own, and may hold anything.
 */
import { limits } from '../limits.ts';

interface Budget {
  /** Characters. */
  left: number;
  readonly depthMax: number;
  readonly ancestors: object[];
}

/** Never throws; at most some characters more than `charactersMax`. */
export function plainText(
  value: unknown,
  charactersMax: number = limits.inspectedCharactersMax,
  depthMax: number = limits.inspectedDepthMax,
): string {
  return write(value, { left: charactersMax, depthMax, ancestors: [] }) ?? 'null';
}

/** `undefined`: it has no place in JSON. */
function write(value: unknown, budget: Budget): string | undefined {
  switch (typeof value) {
    case 'string':
      return writeString(value, budget);
    case 'number':
      return spend(budget, Number.isFinite(value) ? String(value) : `"${value}"`);
    case 'boolean':
      return spend(budget, String(value));
    case 'bigint':
      return spend(budget, `"${value}n"`);
    case 'symbol':
      return writeString(value.toString(), budget);
    case 'function':
      return writeString(`ƒ ${nameOf(value)}`, budget);
    case 'undefined':
      return undefined;
    case 'object':
      return value === null ? spend(budget, 'null') : writeObject(value, budget);
  }
}

function writeString(text: string, budget: Budget): string {
  const most = Math.max(0, Math.min(limits.inspectedStringMax, budget.left));
  const cut = text.length > most ? `${text.slice(0, most)}… (${text.length} characters)` : text;
  return spend(budget, JSON.stringify(cut));
}

function spend(budget: Budget, text: string): string {
  budget.left -= text.length;
  return text;
}

function writeObject(object: object, budget: Budget): string {
  const { ancestors } = budget;
  if (budget.left <= 0) return '"…"';
  if (ancestors.includes(object)) return spend(budget, '"(cycle)"');
  if (ancestors.length >= budget.depthMax) return spend(budget, '"…"');
  ancestors.push(object);
  try {
    return writeParts(object, budget);
  } catch {
    return spend(budget, '"(unreadable)"'); // A proxy, or a getter, that throws.
  } finally {
    ancestors.pop();
  }
}

function writeParts(object: object, budget: Budget): string {
  if (Array.isArray(object)) return writeList(object, object.length, budget);
  if (isActor(object)) return writeEntries([['actor', object.id]], 1, budget);
  if (object instanceof Error) {
    const { name, message } = object;
    const entries = [['name', name], ['message', message], ...Object.entries(object)] as const;
    return writeEntries(entries, entries.length, budget);
  }
  if (object instanceof Date || object instanceof URL || object instanceof RegExp) {
    return writeString(String(object), budget);
  }
  if (ArrayBuffer.isView(object)) {
    return writeString(`${nameOf(object.constructor)}(${object.byteLength} bytes)`, budget);
  }
  if (object instanceof Map) {
    const entries = taken(object.entries()).map(([key, value]) => [keyText(key), value] as const);
    return writeEntries(entries, object.size, budget);
  }
  if (object instanceof Set) return writeList(taken(object.values()), object.size, budget);
  const keys = Object.keys(object);
  const read = (key: string) => [key, (object as Record<string, unknown>)[key]] as const;
  return writeEntries(keys.slice(0, limits.inspectedEntriesMax).map(read), keys.length, budget);
}

function writeList(list: readonly unknown[], length: number, budget: Budget): string {
  const parts: string[] = [];
  for (const value of list.slice(0, limits.inspectedEntriesMax)) {
    if (budget.left <= 0) break;
    parts.push(write(value, budget) ?? 'null');
  }
  if (parts.length < length) parts.push(`"… ${length - parts.length} more"`);
  return `[${parts.join(',')}]`;
}

function writeEntries(
  entries: readonly (readonly [string, unknown])[],
  length: number,
  budget: Budget,
): string {
  const parts: string[] = [];
  let count = 0;
  for (const [key, value] of entries) {
    if (budget.left <= 0) break;
    count += 1;
    const name = writeString(key, budget);
    const text = write(value, budget);
    if (text !== undefined) parts.push(`${name}:${text}`);
  }
  if (count < length) parts.push(`"…":"${length - count} more"`);
  return `{${parts.join(',')}}`;
}

function taken<Value>(values: Iterable<Value>): Value[] {
  const list: Value[] = [];
  for (const value of values) if (list.push(value) >= limits.inspectedEntriesMax) break;
  return list;
}

const keyText = (key: unknown): string =>
  typeof key === 'object' && key !== null ? plainText(key, 100) : String(key);

const nameOf = (code: unknown): string =>
  typeof code === 'function' && typeof code.name === 'string' ? code.name : '';

const isActor = (object: object): object is { id: unknown } =>
  'sessionId' in object && 'send' in object && 'getSnapshot' in object && 'id' in object;
