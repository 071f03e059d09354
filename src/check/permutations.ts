/** Exchanges of names, and all orders of a list. */

/** By name, the name that takes its place. */
export type Exchange = ReadonlyMap<string, string>;

export const exchangeOf = (from: readonly string[], to: readonly string[]): Exchange =>
  new Map(from.map((name, index) => [name, to[index]!]));

/** Every order of the list; there are n! of them. */
export function ordersOf<Item>(list: readonly Item[]): Item[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((item, index) =>
    ordersOf(list.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  );
}

/** One of each list, in every combination, put together. */
export const combinationsOf = <Item>(lists: readonly (readonly Item[][])[]): Item[][] =>
  lists.reduce<Item[][]>(
    (heads, tails) => heads.flatMap((head) => tails.map((tail) => [...head, ...tail])),
    [[]],
  );
