/** How a configuration's names, lists and numbers are checked. */
import type { ApplicationName, NodeId } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { invalid } from '../options.ts';

const nameForm = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;

/** Throws IPX_NAME_INVALID. */
export function parseName(noun: string, name: string): string {
  if (typeof name === 'string' && nameForm.test(name)) return name;
  throw new InterplexError(
    'IPX_NAME_INVALID',
    `"${name}" is no name for ${noun}: use 1 to 63 letters, digits, "-", "_" or ".", ` +
      'beginning with a letter or digit.',
  );
}

/** Throws IPX_APPLICATION_UNKNOWN. */
export function knownApplication(
  where: string,
  name: string,
  applications: readonly ApplicationName[],
): ApplicationName {
  const known = applications.find((application) => application === name);
  if (known !== undefined) return known;
  const names = applications.join(', ') || 'none';
  const sentence = `${where} names application "${name}", which is not among: ${names}.`;
  throw new InterplexError('IPX_APPLICATION_UNKNOWN', sentence);
}

/** Throws IPX_NODE_UNKNOWN. */
export function knownNode(where: string, name: string, nodes: readonly NodeId[]): NodeId {
  const known = nodes.find((node) => node === name);
  if (known !== undefined) return known;
  const sentence = `${where} names node "${name}", which is not among: ${nodes.join(', ')}.`;
  throw new InterplexError('IPX_NODE_UNKNOWN', sentence);
}

/** Throws IPX_OPTION_INVALID. */
export function duration(name: string, value: number): number {
  if (Number.isFinite(value) && value >= 0 && value <= limits.timerMsMax) return value;
  throw invalid(name, `${value} is no number of milliseconds from 0 to ${limits.timerMsMax}`);
}

/** Throws IPX_OPTION_INVALID. */
export function listed(option: string, names: readonly string[]): readonly string[] {
  if (!Array.isArray(names)) throw invalid(option, 'give a list of names');
  return [...(names as readonly string[])];
}

/** Throws IPX_OPTION_INVALID. */
export function requireAtMost(name: string, count: number, most: number): void {
  if (count > most) throw invalid(name, `${count} are too many: at most ${most}`);
}
