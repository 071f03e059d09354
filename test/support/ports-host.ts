/** Processes of one host that share an address's ports, beside nodes of the test's own process. */
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { startNode, type Node, type SharedPortsSettings } from 'interplex';
import { expect, onTestFinished } from 'vitest';
import { HostProcess, type TimedAct } from './host-process.ts';

const subnet = '127.9.7.0/24';
export const settings = { first: 23_000, last: 23_255, portBlock: 16, restMs: 0 };

let lastLog = 0;
/** Processes at an address of its own for each test. */
export class Host {
  readonly localAddress: string;
  readonly #sharedPorts: SharedPortsSettings;
  readonly acts: TimedAct[] = [];

  constructor(last: number, sharedPorts: SharedPortsSettings = settings) {
    this.localAddress = `127.9.7.${last}`;
    this.#sharedPorts = sharedPorts;
  }

  begin(name: string, held: number, binds = false): Promise<HostProcess> {
    lastLog += 1;
    const log = join(tmpdir(), `acts-${lastLog}`);
    const { localAddress } = this;
    const use = { localAddress, subnet, sharedPorts: this.#sharedPorts, log, held, binds };
    return HostProcess.begin(`${name} ${lastLog}`, use);
  }

  async kill(process: HostProcess): Promise<void> {
    this.acts.push(...(await process.kill()));
  }

  async node(sharedPorts = this.#sharedPorts): Promise<Node> {
    const vipas = { out: { kind: 'range', subnet, sharedPorts } } as const;
    const node = await startNode({ id: 'n', applications: {}, vipas, log: { level: 'silent' } });
    onTestFinished(() => node.stop());
    return node;
  }
}

/** All ports that are to be had. */
export const leaseAll = async ({ ports }: Node, localAddress: string): Promise<number[]> => {
  const got: number[] = [];
  for (;;) {
    const lease = await ports.lease({ localAddress }).catch((error: unknown) => error as Error);
    if (lease instanceof Error) {
      expect(lease).toMatchObject({ code: 'IPX_PORTS_EXHAUSTED' });
      return got;
    }
    got.push(lease.port);
  }
};
