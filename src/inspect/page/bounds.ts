/** How much the page keeps, so that an hour of it costs no more than a minute. */
export const bounds = {
  /** Transitions of one actor that can be stepped back over. */
  steps: 200,
  /** Steps of all actors: some 60 MB. */
  stepsOfAll: 40_000,
  messages: 5_000,
  /** What the cluster tells of itself. */
  happenings: 200,
  /** Transfers that are listed. */
  transfers: 500,
  /** Actors that are over, of which the last are still shown. */
  over: 400,
  /** What an exported recording holds: some 100 MB. */
  records: 100_000,
  /** Points of a plot: two minutes. */
  points: 480,
} as const;
