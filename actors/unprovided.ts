/** The default of every effect: it throws, naming itself, so that a forgotten one cannot pass. */
const mark = Symbol.for('interplex.unprovided');

/**
 * A placeholder for the effect `name`, to be replaced with `machine.provide()`. An action reads
 * the machine's context; `Params` is what it is told beside. A node does not start while one is
 * left (AF-2).
 */
export const unprovided = <Params = undefined>(
  name: string,
): ((args: unknown, params: Params) => void) => unprovidedActor(name);

/** The same for the function that `fromCallback` or `fromPromise` takes. */
export function unprovidedActor(name: string): () => never {
  const effect = () => {
    throw new Error(`The effect "${name}" is not provided: give it with machine.provide().`);
  };
  return Object.assign(effect, { [mark]: true });
}

/** Whether an implementation is still such a placeholder. */
export const isUnprovided = (implementation: unknown): boolean =>
  typeof implementation === 'function'
    ? mark in implementation
    : typeof implementation === 'object' &&
      implementation !== null &&
      'config' in implementation &&
      isUnprovided(implementation.config);
