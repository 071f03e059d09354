/** Random choices that are the same in each run. */

export interface Random {
  /** A whole number from 0, less than `end`. */
  readonly below: (end: number) => number;
  readonly oneOf: <Value>(values: readonly Value[]) => Value;
  readonly chance: (probability: number) => boolean;
}

/** After Numerical Recipes' linear congruence; its high bits are the better ones. */
export function randomOf(seed: number): Random {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  return {
    below,
    oneOf: <Value>(values: readonly Value[]) => values[below(values.length)] as Value,
    chance: (probability) => next() < probability,
  };
}
