/**
 * Who may watch. A browser lets any site open a WebSocket to this machine, and a name of a site's
 * own can be made to lead here; so a page must come from the inspector itself, by a name that is
 * this machine's, or whoever asks must have the token.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

const localNames: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Why a request is refused: as an HTTP status, with its sentence. */
export interface Refused {
  readonly status: 403 | 401;
  readonly sentence: string;
}

/** What is asked for. What is no address, as `//`, asks for what is not there. */
export const askedFor = ({ url = '/' }: IncomingMessage): URL =>
  URL.canParse(url, base) ? new URL(url, base) : new URL('/no-address', base);

const base = 'http://inspector';

/** For anything that is served; files hold no secrets, but show that the inspector is here. */
export function refusalOf({ headers }: IncomingMessage, token: string | undefined) {
  const { host = '', origin } = headers;
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (token === undefined && !localNames.includes(name) && !isLoopback(name)) {
    return refused(403, 'The inspector is opened by localhost, 127.0.0.1 or [::1].');
  }
  if (origin !== undefined && !isSame(origin, host)) {
    return refused(403, 'Another site may not watch: open the inspector itself.');
  }
  return undefined;
}

/** For the connection that brings what actors do. */
export function refusalOfWatcher(
  request: IncomingMessage,
  token: string | undefined,
): Refused | undefined {
  const refusal = refusalOf(request, token);
  if (refusal || token === undefined) return refusal;
  const given = askedFor(request).searchParams.get('token') ?? '';
  const [one, other] = [Buffer.from(given), Buffer.from(token)];
  if (one.length === other.length && timingSafeEqual(one, other)) return undefined;
  return refused(401, 'The inspector wants its token: add #token=… to its address.');
}

const refused = (status: Refused['status'], sentence: string): Refused => ({ status, sentence });

const isSame = (origin: string, host: string): boolean =>
  URL.canParse(origin) && new URL(origin).host === host.toLowerCase();

/** 127.0.0.0/8 and ::1: nobody else reaches them. */
export const isLoopback = (address: string): boolean =>
  (isIP(address) === 4 && address.startsWith('127.')) || address === '::1';
