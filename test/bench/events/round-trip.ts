/** Round trips, one after another, each in microseconds. */
export async function microsecondsOf(
  count: number,
  roundTrip: (number: number) => Promise<unknown>,
): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let number = 0; number < count; number += 1) {
    const begunAt = performance.now();
    await roundTrip(number);
    samples.push((performance.now() - begunAt) * 1_000);
  }
  return samples;
}
