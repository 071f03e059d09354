/**
 * A process of a benchmark, and its calls: one question, one answer, over Node's own channel. A
 * partner that dies fails what was asked of it; one whose benchmark dies ends itself.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

interface Question<Command> {
  readonly id: number;
  readonly command: Command;
}
type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: string };

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class Partner<Command> {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  /** Starts the script with the flags of this process, its environment, and more of that. */
  constructor(script: URL, args: readonly string[] = [], env: Readonly<NodeJS.ProcessEnv> = {}) {
    this.#child = fork(fileURLToPath(script), args, { env: { ...process.env, ...env } });
    this.#child.on('message', (answer: Answer) => this.#hear(answer));
    this.#child.on('exit', (code, signal) => {
      const name = [fileURLToPath(script), ...args].join(' ');
      const error = new Error(`${name} has ended with ${code ?? signal}.`);
      for (const { reject } of this.#pending.values()) reject(error);
      this.#pending.clear();
    });
  }

  /** The answer has the type that the script gives; it is not checked here. */
  ask<Value>(command: Command): Promise<Value> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise<Value>((resolve, reject) => {
      this.#pending.set(id, { resolve: (value) => resolve(value as Value), reject });
      const question: Question<Command> = { id, command };
      this.#child.send(question, (error) => {
        if (error && this.#pending.delete(id)) reject(error);
      });
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }

  #hear(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if ('failure' in answer) pending?.reject(new Error(answer.failure));
    else pending?.resolve(answer.value);
  }
}

/** The other side: answers each question, until the benchmark lets go of this process. */
export function answerBenchmark<Command>(answer: (command: Command) => unknown): void {
  process.on('disconnect', () => process.exit());
  process.on('message', ({ id, command }: Question<Command>) => {
    const reply = (message: Answer) => process.send?.(message);
    Promise.resolve()
      .then(() => answer(command))
      .then(
        (value) => reply({ id, value }),
        (error: unknown) =>
          reply({ id, failure: error instanceof Error ? (error.stack ?? '') : String(error) }),
      );
  });
}
