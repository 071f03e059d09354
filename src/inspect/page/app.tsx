/** The page: a head with its views, a recording's controls if one is played, and one view. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { ChartView } from './chart-view.tsx';
import { ClusterView } from './cluster-view.tsx';
import { ConnectionsView } from './connections-view.tsx';
import { DataPortsView } from './data-ports-view.tsx';
import { countText } from './format.ts';
import { linkTo, usePlace, views, type Place, type View } from './place.ts';
import { Player } from './player.tsx';
import { PortsView } from './ports-view.tsx';
import { download, exportRecording } from './recording.ts';
import { SequenceView } from './sequence-view.tsx';
import { useSession, type Session } from './session.ts';
import { currentTheme, setTheme } from './theme.ts';

export interface ViewProps {
  readonly session: Session;
  /** What is sought, in small letters. */
  readonly search: string;
  readonly subject: string;
}

const content: Readonly<Record<View, (props: ViewProps) => preact.JSX.Element>> = {
  cluster: ClusterView,
  chart: ChartView,
  sequence: SequenceView,
  connections: ConnectionsView,
  'data-ports': DataPortsView,
  ports: PortsView,
};
const names = Object.keys(views) as View[];

export function App({ session }: { readonly session: Session }) {
  const place = usePlace();
  const [search, setSearch] = useState('');
  const searchField = useRef<HTMLInputElement>(null);
  useSession(session);
  useKeys(searchField);
  const View = content[place.view];
  return (
    <>
      <a class="skip" href="#main">
        Skip to the view
      </a>
      <Head session={session} place={place}>
        <input
          ref={searchField}
          type="search"
          placeholder="Search  ( / )"
          aria-label="Search actors, states, nodes and connections"
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
        />
      </Head>
      {session.playback && <Player session={session} playback={session.playback} />}
      {session.complaint !== '' && (
        <p class="complaint" role="alert">
          {session.complaint}
        </p>
      )}
      <main id="main" tabIndex={-1}>
        <View
          key={`${place.view} ${place.view === 'sequence' ? place.subject : ''}`}
          session={session}
          search={search.toLowerCase()}
          subject={place.subject}
        />
      </main>
    </>
  );
}

interface HeadProps {
  readonly session: Session;
  readonly place: Place;
  readonly children: preact.ComponentChildren;
}

function Head({ session, place, children }: HeadProps) {
  return (
    <header>
      <h1>Interplex</h1>
      <nav aria-label="Views">
        {names.map((name, index) => (
          <a
            href={linkTo(name)}
            aria-current={name === place.view ? 'page' : undefined}
            title={`key ${index + 1}`}
          >
            {views[name]}
          </a>
        ))}
      </nav>
      <div class="tools">
        {children}
        <RecordingTools session={session} />
        <ThemeButton />
        <Status session={session} />
      </div>
    </header>
  );
}

function RecordingTools({ session }: { readonly session: Session }) {
  const { model } = session;
  const save = () => {
    const name = `interplex-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.ndjson`;
    download(exportRecording(model.records, model.title), name);
  };
  return (
    <>
      <button type="button" onClick={save} title="Save what the page has seen as a file">
        Save recording
      </button>
      <label class="button">
        Open
        <input
          type="file"
          class="hidden"
          accept=".ndjson,.json"
          aria-label="Open a recording"
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            if (file) void session.open(file);
          }}
        />
      </label>
    </>
  );
}

function ThemeButton() {
  const [theme, choose] = useState(currentTheme());
  const other = theme === 'dark' ? 'light' : 'dark';
  const change = () => {
    setTheme(other);
    choose(other);
  };
  return (
    <button type="button" onClick={change} aria-label={`Change to ${other} colours`}>
      {theme === 'dark' ? '☀' : '☾'}
    </button>
  );
}

const states = {
  connecting: 'connecting',
  live: 'live',
  lost: 'connection lost',
  refused: 'refused: token?',
} as const;

function Status({ session }: { readonly session: Session }) {
  const { model, connection, playback } = session;
  const word = playback ? 'recording' : states[connection];
  const kind = playback ? 'recording' : connection;
  const gaps = model.gaps === 0 ? '' : `, ${countText(model.gaps)} times sampled`;
  return (
    <span class={`status ${kind}`} title={`${countText(model.version)} records${gaps}`}>
      <span class="dot" aria-hidden="true" />
      {word}
    </span>
  );
}

/** "/" seeks, digits choose a view; in a field they are what they are. */
function useKeys(searchField: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { target, key } = event;
      const isTyping =
        target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      const view = names[Number(key) - 1];
      if (key === '/') {
        event.preventDefault();
        searchField.current?.focus();
      } else if (view) {
        location.hash = linkTo(view);
      }
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [searchField]);
}
