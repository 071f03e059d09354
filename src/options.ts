/** How what a user gives is checked, at every layer: each failure names the option. */
import { InterplexError } from './errors.ts';

export const invalid = (option: string, why: string) =>
  new InterplexError('IPX_OPTION_INVALID', `The option ${option} cannot be used: ${why}.`);

/** A plain JavaScript program may give anything. Throws IPX_OPTION_INVALID. */
export function requireObject(option: string, value: unknown): void {
  if (!isObject(value)) throw invalid(option, 'give an object');
}

/** The same for all options of a call, which have no name. Throws IPX_OPTION_INVALID. */
export function requireOptions(call: string, value: unknown, what: string): void {
  if (isObject(value)) return;
  const sentence = `${call} takes its options as an object: ${what}.`;
  throw new InterplexError('IPX_OPTION_INVALID', sentence);
}

/** Throws IPX_OPTION_INVALID. */
export function requireListener(call: string, listener: unknown): void {
  if (typeof listener === 'function') return;
  const sentence = `${call} tells a listener, and got none: give it a function.`;
  throw new InterplexError('IPX_OPTION_INVALID', sentence);
}

/** The names of all options there are, by which the compiler finds one that is left out here. */
export type Known<Options> = Readonly<Record<keyof Options, true>>;

/** Where `where` is empty, the options are the outermost. Throws IPX_OPTION_INVALID. */
export function requireKnown(where: string, given: object, known: Readonly<object>): void {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  const names = Object.keys(known).join(', ');
  throw invalid(where === '' ? unknown : `${where}.${unknown}`, `it is none of ${names}`);
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
