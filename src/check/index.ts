/** Checking: what `interplex/check` offers. */
export { explore } from './explore.ts';
export type { Exploration, ExploreOptions, Step } from './explore.ts';
export type { State } from './state.ts';
export type { EnvironmentOf, Outstanding } from './answers.ts';
export type { Effect } from './effects.ts';
export type { Coverage } from './coverage.ts';
export { outOfReach } from './reach.ts';
export type { ReachOptions } from './reach.ts';
export { checkModel } from './check-model.ts';
export type { CheckOptions, Progress } from './check-model.ts';
export { checkInThreads } from './check-in-threads.ts';
export type { ThreadsOptions } from './check-in-threads.ts';
export type { ModelSource } from './model-source.ts';
export { actor } from './model-actor.ts';
export { models } from './models/index.ts';
export type { CheckedModel } from './models/index.ts';
export type { Crashes, Limits, Model, Network } from './model.ts';
export type {
  ActorOf,
  Message,
  ModelActor,
  ModelActorOptions,
  ModelEnvironment,
} from './model-actor.ts';
export type { Claim, Property } from './properties.ts';
export { replay } from './replay.ts';
export type { Replay } from './replay.ts';
export { replayRunning } from './running.ts';
export type { Report, Violation } from './report.ts';
export type { ActorState, Envelope, SystemState } from './system-state.ts';
export type { Trace, TraceStep } from './trace.ts';
export { simulate } from './simulate.ts';
export type { SimulateOptions, Simulation } from './simulate.ts';
