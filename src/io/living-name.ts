/**
 * Names that live exactly as long as their process, by the kernel's word: sockets without a file
 * (`unix(7)`, abstract), of which one process at a time can have each. Whoever is connected to one
 * learns for certain when its process has ended, whatever ended it. They belong to a network
 * namespace, as addresses and their ports do. Linux alone has them.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Sockets at one name: whoever coordinates, and who is about to. */
const watchersMax = 64;
/** Between two looks at a name whose process has closed a connection and lives. */
const lookAgainMs = 20;

const pathOf = (name: string) => `\0${name}`;
export const hasLivingNames = process.platform === 'linux';

export class LivingName {
  readonly #server: Server;
  readonly #watchers: Set<Socket>;

  private constructor(server: Server, watchers: Set<Socket>) {
    this.#server = server;
    this.#watchers = watchers;
  }

  /** `undefined`: another has it. Does not keep the process. Rejects with the system's error. */
  static take(name: string): Promise<LivingName | undefined> {
    const watchers = new Set<Socket>();
    const server = createServer((socket) => {
      watchers.add(socket.on('close', () => watchers.delete(socket)));
      socket.on('error', () => socket.destroy()).unref();
      socket.resume(); // Nothing is said here: that it is open says all.
    });
    server.maxConnections = watchersMax;
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE') resolve(undefined);
        else reject(error);
      });
      server.listen({ path: pathOf(name), exclusive: true }, () => {
        resolve(new LivingName(server.unref(), watchers));
      });
    });
  }

  /** Whoever watches learns that it is nobody's. Settles when another can take it. */
  release(): Promise<void> {
    for (const socket of this.#watchers) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

export interface NameWatcher {
  /** Once: nobody has it, or nobody has it any more. */
  readonly onGone: () => void;
  /** Somebody has it. */
  readonly onThere?: () => void;
}

/** Returns how to stop. Does not keep the process. */
export function watchName(name: string, { onGone, onThere }: NameWatcher): () => void {
  let socket: Socket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const look = () => {
    socket = connect(pathOf(name), onThere).unref();
    let isGone = false;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      isGone = error.code === 'ECONNREFUSED'; // Any other says only that it is busy.
    });
    socket.on('close', () => {
      if (isOver) return;
      if (isGone) {
        isOver = true;
        onGone();
      } else timer = setTimeout(look, lookAgainMs).unref();
    });
  };
  look();
  return () => {
    isOver = true;
    clearTimeout(timer);
    socket?.destroy();
  };
}
