/** The head of the page: where one can go, what can be saved, and whether it is still told. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { countText } from './format.ts';
import type { DialogRef } from './keys.tsx';
import { linkTo, viewNames, views, type Place } from './place.ts';
import { download, exportRecording } from './recording.ts';
import type { Session } from './session.ts';
import { currentTheme, setTheme } from './theme.ts';

export interface HeadProps {
  readonly session: Session;
  readonly place: Place;
  readonly keys: DialogRef;
  /** The field for the search. */
  readonly children: preact.ComponentChildren;
}

export function Head({ session, place, keys, children }: HeadProps) {
  return (
    <header>
      <h1>
        <Mark />
        Interplex
      </h1>
      <Status session={session} />
      <Views place={place} />
      <div class="tools">
        {children}
        <RecordingTools session={session} />
        <button
          type="button"
          class="keys-button"
          aria-label="Keys"
          title="Keys ( ? )"
          onClick={() => keys.current?.showModal()}
        >
          ?
        </button>
        <ThemeButton />
      </div>
    </header>
  );
}

/** Two nodes, and what passes between them. */
const Mark = () => (
  <svg class="mark" width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
    <path d="M5 5 H11 V17 H17" fill="none" stroke="currentColor" stroke-width="2.4" />
    <circle cx="5" cy="5" r="3.6" fill="currentColor" />
    <circle cx="17" cy="17" r="3.6" fill="currentColor" />
    <circle cx="17" cy="5" r="2.4" fill="currentColor" opacity="0.45" />
    <circle cx="5" cy="17" r="2.4" fill="currentColor" opacity="0.45" />
  </svg>
);

function Views({ place }: { readonly place: Place }) {
  const nav = useRef<HTMLElement>(null);
  // On a phone not all are in sight.
  useEffect(() => {
    const current = nav.current?.querySelector('[aria-current]');
    current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [place.view]);
  return (
    <nav ref={nav} aria-label="Views">
      {viewNames.map((name, index) => (
        <a
          href={linkTo(name)}
          aria-current={name === place.view ? 'page' : undefined}
          title={`key ${index + 1}`}
        >
          {views[name]}
        </a>
      ))}
    </nav>
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
      <button
        type="button"
        onClick={save}
        aria-label="Save recording"
        title="Save what the page has seen as a file"
      >
        Save<span class="long"> recording</span>
      </button>
      <label class="button" title="Open a recording that was saved">
        Open
        <input
          type="file"
          class="hidden"
          accept=".ndjson,.json"
          aria-label="Open a recording"
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            if (file) void session.open(file);
            currentTarget.value = ''; // The same file may be chosen again.
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
    <button
      type="button"
      onClick={change}
      title={`Change to ${other} colours`}
      aria-label={`Change to ${other} colours`}
    >
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
