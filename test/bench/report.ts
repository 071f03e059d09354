/** What a suite found: a line for each comparison with a peer, measured in the same run. */

export interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer: string;
  readonly peerValue: number;
  /** More than 1 is better than the peer. */
  readonly ratio: number;
  /** The ratio that is asked for. */
  readonly target: number;
}

interface Figures {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly peer: string;
  readonly peerValue: number;
  readonly target: number;
}

/** A figure of which less is better: a time, a size. */
export const less = (figures: Figures): Result => ({
  ...figures,
  ratio: figures.peerValue / figures.value,
});

/** A figure of which more is better: a rate. */
export const more = (figures: Figures): Result => ({
  ...figures,
  ratio: figures.value / figures.peerValue,
});

/** The last line of a run with `--json`. */
export const jsonOf = (suite: string, results: readonly Result[]): string =>
  JSON.stringify({ suite, results: results.map(inOrder) });

/** The same for people. */
export function tableOf(results: readonly Result[]): string {
  const head = ['', 'ours', 'peer', 'unit', 'compared with', 'ratio', 'target', ''];
  const rows = results.map(({ name, value, peerValue, unit, peer, ratio, target }) => [
    name,
    rounded(value),
    rounded(peerValue),
    unit,
    peer,
    ratio.toFixed(2),
    target.toFixed(2),
    ratio >= target ? 'met' : 'missed',
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lineOf = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return [head, ...rows].map((row) => lineOf(row).trimEnd()).join('\n');
}

/** The figures that are no numbers: nothing was measured. */
export const unmeasured = (results: readonly Result[]): readonly Result[] =>
  results.filter(
    ({ value, peerValue, ratio }) =>
      // Not more than that: the memory of a few connections may well come out below nothing.
      ![value, peerValue, ratio].every((figure) => Number.isFinite(figure)),
  );

const inOrder = ({ name, value, unit, peer, peerValue, ratio, target }: Result): Result => ({
  name,
  value: significant(value),
  unit,
  peer,
  peerValue: significant(peerValue),
  ratio: significant(ratio),
  target,
});

const significant = (figure: number) => Number(figure.toPrecision(5));
const rounded = (figure: number) =>
  figure >= 1_000 ? Math.round(figure).toLocaleString('en') : figure.toPrecision(3);
