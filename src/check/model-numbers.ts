/** The numbers of a model, which a plain JavaScript program may give as it likes. */
import { invalid } from '../options.ts';
import type { Model } from './model.ts';
import type { AnyActors } from './model-actor.ts';

const notLess = 'give a number, 0 or more';

/** Throws IPX_OPTION_INVALID: one that is no number would be a limit that is never reached. */
export function requireNumbers({ limits = {}, network = {}, crashes }: Model<AnyActors>): void {
  const { states = 1, depth = 1, timeMs = 1, bytes = 1 } = limits;
  for (const [name, limit] of Object.entries({ states, depth, timeMs, bytes })) {
    if (!(limit >= 0)) throw invalid(`limits.${name}`, notLess);
  }
  const { loss, inFlightMax = 1 } = network;
  if (!(inFlightMax >= 0)) throw invalid('network.inFlightMax', notLess);
  if (typeof loss === 'number') requireCount('network.loss', loss);
  if (crashes !== undefined) requireCount('crashes.atMost', crashes.atMost);
}

function requireCount(option: string, count: number): void {
  if (Number.isSafeInteger(count) && count >= 0) return;
  throw invalid(option, 'give a whole number, 0 or more');
}
