/** The page: a head with its views, a recording's controls if one is played, and one view. */
import { useErrorBoundary, useRef, useState } from 'preact/hooks';
import { ChartView } from './chart-view.tsx';
import { ClusterView } from './cluster-view.tsx';
import { ConnectionsView } from './connections-view.tsx';
import { DataPortsView } from './data-ports-view.tsx';
import { Head } from './head.tsx';
import { Keys, useKeys } from './keys.tsx';
import { usePlace, type View } from './place.ts';
import { Player } from './player.tsx';
import { PortsView } from './ports-view.tsx';
import { SequenceView } from './sequence-view.tsx';
import { useSession, type Session } from './session.ts';
import type { ViewProps } from './view-props.ts';

const content: Readonly<Record<View, (props: ViewProps) => preact.JSX.Element>> = {
  cluster: ClusterView,
  chart: ChartView,
  sequence: SequenceView,
  connections: ConnectionsView,
  'data-ports': DataPortsView,
  ports: PortsView,
};

export function App({ session }: { readonly session: Session }) {
  const place = usePlace();
  const [search, setSearch] = useState('');
  const searchField = useRef<HTMLInputElement>(null);
  const keys = useRef<HTMLDialogElement>(null);
  useSession(session);
  useKeys(searchField, keys);
  const View = content[place.view];
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the view
      </button>
      <Head session={session} place={place} keys={keys}>
        <input
          ref={searchField}
          type="search"
          placeholder="Search  ( / )"
          aria-label="Search actors, states, nodes and connections"
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          onKeyDown={({ key, currentTarget }) => key === 'Escape' && currentTarget.blur()}
        />
      </Head>
      {session.playback && <Player session={session} playback={session.playback} />}
      <Lost session={session} />
      <Complaint session={session} />
      <main id="main" tabIndex={0}>
        <Guarded key={`${place.view} ${place.view === 'sequence' ? place.subject : ''}`}>
          <View session={session} search={search.toLowerCase()} subject={place.subject} />
        </Guarded>
      </main>
      <Keys dialog={keys} />
    </>
  );
}

/** A view that cannot show what it was told says so; the others are still there. */
function Guarded({ children }: { readonly children: preact.ComponentChildren }) {
  const boundary = useErrorBoundary();
  const failure: unknown = boundary[0];
  if (failure === undefined) return <>{children}</>;
  return (
    <section class="panel" role="alert">
      <h2>This view cannot show what it was told</h2>
      <p class="empty">{failure instanceof Error ? failure.message : 'It does not say why.'}</p>
      <button type="button" onClick={boundary[1]}>
        Try again
      </button>
    </section>
  );
}

/** What is shown would else be taken for what is. */
function Lost({ session: { connection, playback } }: { readonly session: Session }) {
  if (connection !== 'lost' || playback) return null;
  return (
    <p class="complaint" role="status">
      The connection is lost: this is how it was then. It is tried again each second.
    </p>
  );
}

function Complaint({ session }: { readonly session: Session }) {
  if (session.complaint === '') return null;
  return (
    <p class="complaint" role="alert">
      <span>{session.complaint}</span>
      <button type="button" class="plain" onClick={() => session.complain('')}>
        Close
      </button>
    </p>
  );
}
