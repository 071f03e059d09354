/** A process with one node that has a data port: see `applications/lone-port.ts`. */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { applicationAt } from '../application-at.ts';
import type { PortCommand, PortLook, PortSetting } from '../applications/lone-port.ts';
import { until, within } from '../until.ts';

const program = fileURLToPath(applicationAt('lone-port'));
const patienceMs = 15_000;

export class PortProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess) {
    if (!child.stdout) throw new Error('Its standard output is read.');
    this.#child = child;
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  /** Settles when its node is up. */
  static async start(
    launch: (words: readonly string[]) => ChildProcess,
    setting: PortSetting,
  ): Promise<PortProcess> {
    const started = new PortProcess(launch([process.execPath, program, JSON.stringify(setting)]));
    await started.#answer('its start');
    return started;
  }

  tell(command: PortCommand): Promise<unknown> {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    return this.#answer(command.do);
  }

  look(): Promise<PortLook> {
    return this.tell({ do: 'look' }) as Promise<PortLook>;
  }

  sees(what: string, holds: (look: PortLook) => boolean): Promise<void> {
    return until(what, async () => holds(await this.look()), patienceMs);
  }

  /** It stands still: its sockets stay, and nobody reads them. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }

  async #answer(what: string): Promise<unknown> {
    const { value } = (await within(patienceMs, what, this.#lines.next())) as { value: string };
    return JSON.parse(value);
  }
}
