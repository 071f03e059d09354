/** The demo's own page: a chat in the browser, over the WebSocket that moves. */
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';

const page = readFileSync(new URL('./chat.html', import.meta.url), 'utf8');

/** Its script stands in it, and speaks to where it came from alone. */
const policy =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; " +
  "img-src data:; connect-src 'self'";

/** Where the inspector is, as the module's URL says: `http-room.js?inspector=7788`. */
const portIn = (url: string): string => new URL(url).searchParams.get('inspector') ?? '';

export function serveChatPage(response: ServerResponse, moduleUrl: string): void {
  const port = portIn(moduleUrl);
  const link = /^\d+$/.test(port) ? ` data-inspector="http://127.0.0.1:${port}/"` : '';
  response
    .writeHead(200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      'Cache-Control': 'no-cache',
    })
    .end(page.replace('<html lang="en"', `<html lang="en"${link}`));
}
