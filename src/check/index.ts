/** Checking: what `interplex/check` offers. */
export { explore } from './explore.ts';
export type { Exploration, ExploreOptions, Step } from './explore.ts';
export type { State } from './state.ts';
export type { EnvironmentOf, Outstanding } from './answers.ts';
export type { Effect } from './capture.ts';
export type { Coverage } from './coverage.ts';
export { outOfReach } from './reach.ts';
export type { ReachOptions } from './reach.ts';
