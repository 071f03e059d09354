/** How what a user gives is checked, at every layer: each failure names the option. */
import { InterplexError } from './errors.ts';

export const invalid = (option: string, why: string) =>
  new InterplexError('IPX_OPTION_INVALID', `The option ${option} cannot be used: ${why}.`);

/** A plain JavaScript program may give anything. Throws IPX_OPTION_INVALID. */
export function requireObject(option: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw invalid(option, 'give an object');
}
