/**
 * How often what is simulated is done again, each time from another seed: few in a test, IPX_SEEDS
 * in a soak, of which a part from IPX_FIRST_SEED on may be run by itself.
 */
export const seedCount = Number(process.env['IPX_SEEDS'] ?? 3);
const first = Number(process.env['IPX_FIRST_SEED'] ?? 1);

export const seedsOf = (count = seedCount) =>
  Array.from({ length: count }, (_, index) => first + index);

/** Milliseconds for a test that goes through all seeds. */
export const seedsPatience = 20_000 + seedCount * 5_000;
