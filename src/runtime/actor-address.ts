/** Addresses of actors: `node/name#incarnation`. No two actors ever have the same (AF-4). */
import type { NodeId } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';

/** The form of a name: a path of words. */
const nameForm = /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/;
const addressForm = /^([^/#]+)\/([^#]+)#(.+)$/;
/** The name of what an ask's answer is sent to; no actor can have it. */
const askName = '~ask';

export interface ParsedAddress {
  readonly node: NodeId;
  readonly name: string;
  readonly incarnation: string | number;
}

export const formatAddress = ({ node, name, incarnation }: ParsedAddress): string =>
  `${node}/${name}#${incarnation}`;

/** Throws IPX_ADDRESS_INVALID. */
export function parseAddress(address: string): ParsedAddress {
  const [, node, name, incarnation] = addressForm.exec(address) ?? [];
  if (node !== undefined && name !== undefined && incarnation !== undefined) {
    return { node: node as NodeId, name, incarnation };
  }
  const sentence = `"${address}" is no address of an actor: give "node/name#incarnation".`;
  throw new InterplexError('IPX_ADDRESS_INVALID', sentence);
}

/** Throws IPX_ADDRESS_INVALID. */
export function requireName(name: string): void {
  if (typeof name === 'string' && nameForm.test(name)) return;
  const sentence = `"${name}" is no name for an actor: use words of A–Z a–z 0–9 _ . - and "/".`;
  throw new InterplexError('IPX_ADDRESS_INVALID', sentence);
}

/** Where the answer to an ask of that node is sent. */
export const askAddress = (node: NodeId, ask: number): ParsedAddress => ({
  node,
  name: askName,
  incarnation: ask,
});

/** The number of the ask whose answer is sent to this address, if it is one's. */
export const askNumberOf = ({ name, incarnation }: ParsedAddress): number | undefined =>
  name === askName ? Number(incarnation) : undefined;
