/** Where one is in the page: the address says it, so that each actor has a link of its own. */
import { useEffect, useState } from 'preact/hooks';

export const views = {
  cluster: 'Cluster',
  chart: 'Statechart',
  sequence: 'Sequence',
  connections: 'Connections',
  'data-ports': 'Data ports',
  ports: 'Ports',
} as const;
export type View = keyof typeof views;
export const viewNames = Object.keys(views) as readonly View[];

export interface Place {
  readonly view: View;
  /** The actor whose chart is shown, or what a sequence is filtered by. */
  readonly subject: string;
}

export const linkTo = (view: View, subject = ''): string =>
  `#/${view}${subject === '' ? '' : `/${encodeURIComponent(subject)}`}`;

function readPlace(hash: string): Place {
  const [, name = '', subject = ''] = /^#\/([\w-]+)(?:\/(.*))?$/.exec(hash) ?? [];
  const view = Object.hasOwn(views, name) ? (name as View) : 'cluster';
  return { view, subject: decoded(subject) };
}

export function usePlace(): Place {
  const [place, setPlace] = useState(readPlace(location.hash));
  useEffect(() => {
    const read = () => setPlace(readPlace(location.hash));
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);
  return place;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // Typed by hand.
  }
}
