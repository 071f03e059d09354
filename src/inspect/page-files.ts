/** The files of the page, as they were built: nothing of it is fetched from elsewhere. */
import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.cjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.md': 'text/plain; charset=utf-8',
};

/** Scripts, styles and connections of its own alone: what an actor is named runs nowhere. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const folder = fileURLToPath(new URL('./page/', import.meta.url));

/** Only what lies there is served, by its exact name. */
let files: ReadonlyMap<string, Buffer> | undefined;

function readAll(): ReadonlyMap<string, Buffer> {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length).replaceAll('\\', '/'), readFileSync(path)]),
  );
}

/** Throws ENOENT where the package was not built. */
export function servePage(path: string, response: ServerResponse): void {
  files ??= readAll();
  const name = path === '/' ? 'index.html' : path.slice(1);
  const content = files.get(name);
  response.setHeader('Content-Security-Policy', policy);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  if (!content) {
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end('There is no such file.\n');
    return;
  }
  // Built names carry a digest of their content.
  const isLasting = name.startsWith('assets/');
  response
    .writeHead(200, {
      'Content-Type': types[extname(name)] ?? 'application/octet-stream',
      'Cache-Control': isLasting ? 'max-age=31536000, immutable' : 'no-cache',
    })
    .end(content);
}
