/** A process with one node, told what to do by lines: see `applications/lone-messenger.ts`. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { AddressTableView, MessagingEvent, Messenger } from 'interplex';
import { applicationAt } from './application-at.ts';
import type { MessengerCommand, MessengerSetting } from './applications/lone-messenger.ts';
import { until, within } from './until.ts';

const program = fileURLToPath(applicationAt('lone-messenger'));
const patienceMs = 15_000;

export interface Look {
  readonly hash: string;
  readonly members: readonly Extract<MessagingEvent, { type: 'member.changed' }>[];
  readonly routes: ReturnType<AddressTableView['routes']>;
  readonly observed: ReturnType<AddressTableView['observed']>;
  readonly counters: ReturnType<Messenger['counters']>;
  readonly cpuMs: number;
}

export class MessengerProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  /** What it has written to its standard error, where that is read. */
  errors = '';
  /** Settles with its exit code. */
  readonly exited: Promise<number | null>;

  private constructor(child: ChildProcess) {
    if (!child.stdout) throw new Error('Its standard output is read.');
    this.#child = child;
    this.exited = once(child, 'exit').then(([code]) => code as number | null);
    child.stderr?.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  /** One that may end before it takes messages. */
  static launch(
    launch: (words: readonly string[]) => ChildProcess,
    setting: MessengerSetting,
  ): MessengerProcess {
    return new MessengerProcess(launch([process.execPath, program, JSON.stringify(setting)]));
  }

  /** Settles when it takes messages. */
  static async start(
    ...settings: Parameters<typeof MessengerProcess.launch>
  ): Promise<MessengerProcess> {
    const messenger = MessengerProcess.launch(...settings);
    await messenger.#answer();
    return messenger;
  }

  look(): Promise<Look> {
    return this.#tell<Look>({ do: 'look' });
  }

  /** How long each answer took. */
  ask(to: string, count: number, apartMs: number): Promise<number[]> {
    return this.#tell<number[]>({ do: 'ask', to, count, apartMs });
  }

  sees(what: string, holds: (look: Look) => boolean): Promise<void> {
    return until(what, async () => holds(await this.look()), patienceMs);
  }

  async acceptKey(key: string): Promise<void> {
    await this.#tell({ do: 'acceptKey', key });
  }

  async rotateKey(key: string): Promise<void> {
    await this.#tell({ do: 'rotateKey', key });
  }

  /** Standing still, or going on: as an operator's signal does it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }

  async stop(): Promise<void> {
    await this.#tell({ do: 'stop' });
    await within(patienceMs, 'its end', this.exited);
  }

  async #tell<Answer>(command: MessengerCommand): Promise<Answer> {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    return (await this.#answer()) as Answer;
  }

  async #answer(): Promise<unknown> {
    const line = await within(2 * patienceMs, 'an answer', this.#lines.next());
    if (line.done) throw new Error('The process has ended.');
    const answer: unknown = JSON.parse(line.value);
    if (typeof answer === 'object' && answer !== null && 'failed' in answer) {
      throw new Error(String(answer.failed));
    }
    return answer;
  }
}
