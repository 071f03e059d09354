/** The last transfers, each with how far it came; one that is chosen is shown alone. */
import { ageText, countText } from './format.ts';
import type { Model } from './model.ts';
import { Swatch } from './swatch.tsx';
import type { Phase, Transfer } from './transfers.ts';

export interface TransferListProps {
  readonly model: Model;
  /** What the sequence is filtered by. */
  readonly only: string;
  readonly onOnly: (topic: string) => void;
}

const shownMax = 60;

const kinds: Readonly<Record<Phase, string>> = {
  offered: '',
  accepted: 'warn',
  committed: 'warn',
  confirmed: 'good',
  rejected: 'bad',
  cancelled: 'bad',
};

export function TransferList({ model, only, onOnly }: TransferListProps) {
  const all = [...model.transfers.list.values()];
  const shown = all.slice(-shownMax).toReversed();
  return (
    <section class="panel transfers" aria-label="Transfers">
      <h2>
        Transfers <span class="count">{countText(model.transfers.count)} seen</span>
      </h2>
      {shown.length === 0 && <p class="empty">None yet: let a client move.</p>}
      <ul>
        {shown.map((transfer) => {
          const topic = `transfer ${transfer.name}`;
          const isOnly = topic === only;
          return (
            <li key={transfer.name}>
              <button
                type="button"
                aria-pressed={isOnly}
                title={`${topic}: ${transfer.phase}`}
                onClick={() => onOnly(isOnly ? '' : topic)}
              >
                <Row transfer={transfer} />
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Row({ transfer }: { readonly transfer: Transfer }) {
  const { name, connection, giver, taker, beganAtMs, lastAtMs, phase } = transfer;
  const [from, to] = [giver, taker].map((session) => session.replace(/^node:/, ''));
  return (
    <>
      <span class="way">
        <Swatch name={from ?? ''} />
        {from} → <Swatch name={to ?? ''} />
        {to}
      </span>
      <span class={`badge ${kinds[phase]}`}>{phase}</span>
      <span class="faint">{connection ?? name}</span>
      <span class="faint lasted">{ageText(lastAtMs - beganAtMs)}</span>
    </>
  );
}
