/** One actor: its statechart with what is active lit, its last transitions, and its context. */
import { useState } from 'preact/hooks';
import { ActorTree } from './actor-tree.tsx';
import type { ViewProps } from './view-props.ts';
import { ChartPicture } from './chart-picture.tsx';
import { useStepKeys } from './keys.tsx';
import type { Actor, Step } from './model.ts';
import { linkTo } from './place.ts';
import { SendEvent } from './send-event.tsx';
import { StepBar, StepList } from './steps.tsx';
import { Swatch } from './swatch.tsx';

export function ChartView({ session, search, subject }: ViewProps) {
  const { model } = session;
  model.pinned = subject;
  const actor = model.actors.get(subject) ?? (subject === '' ? firstOf(model.actors) : undefined);
  return (
    <div class={`statechart${subject === '' ? '' : ' chosen'}`}>
      <ActorTree model={model} search={search} selected={actor?.sessionId ?? subject} />
      {actor ? (
        <ActorPanel key={actor.sessionId} session={session} actor={actor} />
      ) : (
        <section class="panel actor">
          <p class="empty">
            {subject === ''
              ? 'No actor has been told of yet.'
              : `The actor ${subject} is not here: it has ended, or is not told of yet.`}
          </p>
          <a href={linkTo('chart')}>All actors</a>
        </section>
      )}
    </div>
  );
}

/** Something to see at first: one that has done something, if there is any. */
function firstOf(actors: ReadonlyMap<string, Actor>): Actor | undefined {
  const shown = [...actors.values()].filter(
    ({ machine, isOver }) => machine !== undefined && !isOver,
  );
  const ofNodes = shown.filter(({ node }) => node !== 'main');
  return ofNodes.find(({ changes }) => changes > 0) ?? ofNodes[0] ?? shown[0];
}

interface ActorPanelProps {
  readonly session: ViewProps['session'];
  readonly actor: Actor;
}

function ActorPanel({ session, actor }: ActorPanelProps) {
  const { model } = session;
  // The step that is looked at; none follows the last.
  const [chosen, choose] = useState<Step | undefined>(undefined);
  const { steps, machine, name } = actor;
  const placeOf = (one: Step | undefined) => {
    const found = one ? steps.indexOf(one) : -1;
    return found < 0 ? steps.length - 1 : found;
  };
  const place = placeOf(chosen);
  const step = steps[place];
  const chart = machine === undefined ? undefined : model.machines.get(machine);
  const stepAt = (to: number) => (to >= steps.length - 1 ? undefined : steps[Math.max(0, to)]);
  const go = (to: number) => choose(stepAt(to));
  // From where one is by then: keys may come faster than the page is drawn.
  const move = (by: number) => choose((before) => stepAt(placeOf(before) + by));
  useStepKeys((by) => session.playback === undefined && move(by));
  return (
    <section class="panel actor" aria-label={`Actor ${name}`}>
      <ActorHead actor={actor} />
      <StepBar steps={steps} place={place} isFollowing={chosen === undefined} onGo={go} />
      {chart && machine !== undefined && step ? (
        <ChartPicture machine={machine} chart={chart} step={step} name={name} />
      ) : (
        <p class="empty">
          It is no machine, and has no chart; its status is {step?.snapshot.status ?? 'not known'}.
        </p>
      )}
      <div class="actor-parts">
        <StepList actor={actor} step={step} onChoose={(one) => go(steps.indexOf(one))} />
        <div class="snapshot">
          {model.control && !actor.isOver && isOfThread(actor) && (
            <SendEvent session={session} actor={actor} chart={chart} />
          )}
          <Snapshot step={step} />
        </div>
      </div>
    </section>
  );
}

/** Another program's, which tells of itself by Stately's protocol, takes no events from here. */
const isOfThread = ({ sessionId }: Actor): boolean => /^[^/]*\.\d+\//.test(sessionId);

const ActorHead = ({ actor: { name, node, sessionId, isOver, snapshot } }: { actor: Actor }) => (
  <div class="actor-head">
    <a class="back" href={linkTo('chart')}>
      ‹ Actors
    </a>
    <h2>{name}</h2>
    <span class="faint">
      <Swatch name={node} /> {node} · <code>{sessionId}</code>
    </span>
    {isOver && (
      <span class={`badge ${snapshot.status === 'error' ? 'bad' : ''}`}>
        {snapshot.status === 'active' ? 'ended' : (snapshot.status ?? 'ended')}
      </span>
    )}
    <a href={linkTo('sequence', sessionId)}>its messages</a>
  </div>
);

/** What the step came of, and what the actor was after it. */
function Snapshot({ step }: { readonly step: Step | undefined }) {
  const { event, snapshot } = step ?? {};
  const parts = [
    ['Event', event],
    ['Context', snapshot?.context],
    ['Output', snapshot?.output],
    ['Error', snapshot?.error],
  ] as const;
  return (
    <>
      {parts.map(
        ([title, value]) =>
          value !== undefined && (
            <>
              <h3>{title}</h3>
              <pre tabIndex={0} aria-label={title}>
                {JSON.stringify(value, undefined, 2)}
              </pre>
            </>
          ),
      )}
    </>
  );
}
