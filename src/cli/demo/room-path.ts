/** What a URL of the demo names: `/rooms/<room>`, or its WebSocket `/rooms/<room>/socket`. */
import { parseWord } from './chat.ts';

export interface RoomPath {
  readonly room: string;
  readonly isSocket: boolean;
  /** A chatter's name, from `?name=`. */
  readonly name: string | undefined;
}

/** The state of a client that comes by HTTP: where it goes; with a name, a member who moves. */
export interface Visit {
  readonly room: string;
  readonly isSocket: boolean;
  readonly name?: string;
}

const pathForm = /^\/rooms\/([^/]+)(\/socket)?$/;

/** `undefined` if it names no room. */
export function parseRoomPath(url: string): RoomPath | undefined {
  if (!URL.canParse(url, 'http://demo')) return undefined;
  const { pathname, searchParams } = new URL(url, 'http://demo');
  const [, escaped = '', socket] = pathForm.exec(pathname) ?? [];
  const room = parseWord(unescaped(escaped));
  if (room === undefined) return undefined;
  const name = parseWord(searchParams.get('name') ?? '');
  return { room, isSocket: socket !== undefined, name };
}

/** Empty, which is no word, when it is not UTF-8 in percent signs. */
function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
