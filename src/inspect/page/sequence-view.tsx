/** Messages over time, from line to line: between nodes, or between the actors in them. */
import { useRef, useState } from 'preact/hooks';
import type { ViewProps } from './view-props.ts';
import { Following } from './following.tsx';
import { MessageDetail } from './message-detail.tsx';
import type { Message } from './message.ts';
import type { Model } from './model.ts';
import { chosenOf, filterOf, shownOf, type Choice, type Filter } from './sequence-filter.ts';
import { SequenceFilters } from './sequence-filters.tsx';
import { pictureOfSequence } from './sequence-file.ts';
import { SequencePicture } from './sequence-picture.tsx';
import { SaveButtons } from './save-buttons.tsx';
import { TransferList } from './transfer-list.tsx';

export function SequenceView({ session: { model }, search, subject }: ViewProps) {
  const [choice, setChoice] = useState<Choice>(() => filterOf(subject));
  const filter = chosenOf(model, choice);
  const [held, hold] = useState<readonly Message[] | undefined>(undefined);
  const [chosen, choose] = useState<Message | undefined>(undefined);
  const flow = useRef<HTMLElement>(null);
  const take = () => hold(held ? undefined : model.messages.slice());
  const setOnly = (only: string) => change({ only });
  const change = (part: Partial<Filter>) => setChoice((before) => ({ ...before, ...part }));
  const toggle = (lane: string) => setChoice((was) => toggled(chosenOf(model, was), lane));
  const { messages, count } = shownOf(model, held ?? model.messages, { ...filter, search });
  return (
    <div class="sequence">
      <section ref={flow} class="panel flow" aria-label="Messages">
        <SequenceFilters model={model} filter={filter} onChange={change} onToggle={toggle}>
          <HoldButton isHeld={held !== undefined} onHold={take} />
          <SaveButtons
            what="sequence"
            name="sequence"
            picture={() => pictureOfSequence(flow.current)}
          />
          <span class="faint">{countOf(messages.length, count)}</span>
        </SequenceFilters>
        {messages.length === 0 ? (
          <p class="empty">{nothingOf(model, filter)}</p>
        ) : (
          <Following count={messages.at(-1)?.number ?? 0}>
            <SequencePicture
              model={model}
              messages={messages}
              chosen={chosen}
              onChoose={(message) => choose(message === chosen ? undefined : message)}
            />
          </Following>
        )}
      </section>
      <div class="beside">
        {chosen && (
          <MessageDetail
            model={model}
            message={chosen}
            onOnly={setOnly}
            onClose={() => choose(undefined)}
          />
        )}
        <TransferList model={model} only={filter.only} onOnly={setOnly} />
      </div>
    </div>
  );
}

/** Why nothing is shown. */
function nothingOf(model: Model, { between, only, lanes }: Filter): string {
  if (model.messages.length === 0) {
    return 'No message yet. A client that moves shows as offer, accept, commit and confirm.';
  }
  return between === 'nodes' && only === '' && lanes.length === 0
    ? 'Nothing has passed between nodes yet: look between actors.'
    : 'No message is of what is chosen here.';
}

interface HoldButtonProps {
  readonly isHeld: boolean;
  readonly onHold: () => void;
}

const HoldButton = ({ isHeld, onHold }: HoldButtonProps) => (
  <button type="button" aria-pressed={isHeld} onClick={onHold}>
    {isHeld ? 'Go on' : 'Hold'}
  </button>
);

const countOf = (shown: number, all: number): string =>
  shown === all ? `${all} messages` : `the last ${shown} of ${all}`;

const toggled = (filter: Filter, lane: string): Filter => {
  const others = filter.lanes.filter((one) => one !== lane);
  const isChosen = others.length < filter.lanes.length;
  return { ...filter, lanes: isChosen ? others : [...others, lane] };
};
