/**
 * Figures for whoever of this user asks on this host, by a Unix socket in the user's folder. One
 * connection is one answer, a line of JSON.
 */
import { readdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { userFolder } from './user-folder.ts';

/** An answer is some kilobytes, from a process that may be busy. */
const answerMs = 2_000;

/** Answers until it is closed. Does not keep the process. Throws IPX_ADDRESS_UNUSABLE. */
export function tellFigures(name: string, figures: () => Promise<unknown>): () => void {
  const path = join(userFolder(), `${process.pid}-${name}.sock`);
  const server: Server = createServer((socket) => {
    const destroy = () => void socket.destroy();
    socket.on('error', destroy);
    figures()
      .then((told) => socket.end(`${JSON.stringify(told)}\n`))
      .catch(destroy);
  });
  server.on('error', () => server.close()); // Nobody is told then, and all else goes on.
  server.listen(path).unref();
  return () => {
    server.close();
    rmSync(path, { force: true });
  };
}

interface Asked {
  /** What each that answers has told. */
  readonly answers: readonly unknown[];
  /** The numbers of processes that live and told nothing within two seconds. */
  readonly silent: readonly number[];
}

/** Those that died left a socket, which is removed. */
export async function askFigures(): Promise<Asked> {
  const folder = userFolder();
  const names = readdirSync(folder).filter((name) => name.endsWith('.sock'));
  const paths = names.map((name) => join(folder, name));
  const told = await Promise.all(paths.map(ask));
  const silent = names.filter((_, index) => told[index] === 'silent').map(Number.parseFloat);
  const answers = told.filter((one) => one !== 'silent' && one !== 'gone');
  return { answers, silent: [...new Set(silent)] };
}

async function ask(path: string): Promise<unknown> {
  let without = 'gone';
  const socket = connect(path).setEncoding('utf8').setTimeout(answerMs);
  socket.on('timeout', () => {
    without = 'silent';
    socket.destroy();
  });
  let text = '';
  socket.on('data', (part: string) => (text += part));
  const ended = once(socket, 'close').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNREFUSED') rmSync(path, { force: true });
    return [];
  });
  await ended;
  return text.endsWith('\n') ? (JSON.parse(text) as unknown) : without;
}
