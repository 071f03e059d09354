/** Steps of machines in a log at debug; nothing is observed when that level is off. */
import type { Logger } from 'pino';
import type { InspectionEvent } from 'xstate';
import type { StepListener } from './stepped-actor.ts';

/** Each step of each machine, for a log at debug. */
export const logSteps = (log: Logger) => (event: InspectionEvent) => {
  if (event.type !== '@xstate.snapshot') return;
  const { snapshot, actorRef } = event;
  const value = 'value' in snapshot ? snapshot.value : snapshot.status;
  log.debug({ actor: actorRef.sessionId, event: event.event.type, state: value }, 'step');
};

/** The same for machines that are stepped. */
export const logSteppedSteps =
  (log: Logger): StepListener =>
  (actor, { event, snapshot }) =>
    log.debug({ actor, event: event.type, state: snapshot.value as unknown }, 'step');
