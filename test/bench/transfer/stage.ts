/** The processes of one measurement: the clients', and the subjects' that serve them. */
import { Partner } from '../partner.ts';
import type { ClientCommand, Memory, Moved, Pace, SubjectCommand, Words } from './commands.ts';

export type SubjectName = 'cluster' | 'send' | 'plain' | 'relay';

/** A server in a process of its own, with clients in another. */
export class Subject {
  readonly name: SubjectName;
  readonly clients: Partner<ClientCommand>;
  readonly #server: Partner<SubjectCommand>;
  #port = 0;

  constructor(name: SubjectName, clients: Partner<ClientCommand>, env?: NodeJS.ProcessEnv) {
    this.name = name;
    this.clients = clients;
    this.#server = new Partner(new URL('./subject-process.ts', import.meta.url), [name], env);
  }

  async start(): Promise<void> {
    this.#port = await this.#server.ask<number>({ type: 'port' });
  }

  /** Opens clients; settles when all are served. What they are moved by is told by `moved`. */
  async serve(count: number, pace: Pace = 'arrival'): Promise<void> {
    if (pace === 'arrival') {
      await this.#open(count, pace, 'answered');
      return;
    }
    await this.#open(count, pace, 'spoken');
    await this.#explained(this.clients.ask({ type: 'greeted', set: this.name }));
  }

  /** Opens clients that say nothing until `moveNext`. */
  awaitWords(count: number): Promise<void> {
    return this.#open(count, 'timed arrival', 'none');
  }

  /** The next client speaks, is moved at once, and nothing of that is left to be done. */
  async moveNext(count: number): Promise<void> {
    await this.#explained(this.clients.ask({ type: 'speak', set: this.name }));
    await this.#server.ask({ type: 'settled', count });
  }

  /** Clients that are all moved when all have spoken, and then leave. */
  async move(count: number, pace: Pace): Promise<Moved> {
    await this.serve(count, pace);
    return this.moved();
  }

  /** How the clients were moved, who leave now. */
  async moved(): Promise<Moved> {
    const moved = await this.#server.ask<Moved>({ type: 'moved' });
    await this.clear();
    return moved;
  }

  memory(idleMs: number): Promise<Memory> {
    return this.#server.ask({ type: 'memory', idleMs });
  }

  /** Settles when the clients have left, and the server knows. */
  async clear(): Promise<void> {
    await this.clients.ask({ type: 'close', set: this.name });
    await this.#server.ask({ type: 'emptied' });
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** When a client is lost, its server may know why. */
  async #explained(answer: Promise<unknown>): Promise<void> {
    try {
      await answer;
    } catch (cause) {
      const failure = await this.#server.ask<string | undefined>({ type: 'failure' });
      throw new Error(`${this.name}: ${failure ?? 'no reason is known'}`, { cause });
    }
  }

  async #open(count: number, pace: Pace, words: Words): Promise<void> {
    await this.#server.ask({ type: 'expect', count, pace });
    const { name: set } = this;
    const port = this.#port;
    await this.#explained(this.clients.ask({ type: 'open', set, port, count, words }));
  }
}

/**
 * Runs `measure` with subjects that share one process of clients, and ends them all. `env` is added
 * to the environment of the subjects.
 */
export async function onStage<Value>(
  names: readonly SubjectName[],
  measure: (...subjects: Subject[]) => Promise<Value>,
  env?: NodeJS.ProcessEnv,
): Promise<Value> {
  const clients = new Partner<ClientCommand>(new URL('./client-process.ts', import.meta.url));
  const subjects = names.map((name) => new Subject(name, clients, env));
  try {
    for (const subject of subjects) await subject.start();
    return await measure(...subjects);
  } finally {
    await Promise.all([clients, ...subjects].map((partner) => partner.stop()));
  }
}
