/** A WebSocket to an inspector, read as records. */
import { WebSocket } from 'ws';
import type { InspectionRecord } from '#internal/inspect/records';

export class InspectingClient {
  readonly records: InspectionRecord[] = [];
  readonly socket: WebSocket;
  #wake: () => void = () => undefined;

  constructor(url: string, { path = 'live', headers = {} } = {}) {
    this.socket = new WebSocket(new URL(path, url.replace(/^http/, 'ws')), { headers });
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer) => {
      const said: unknown = JSON.parse(data.toString());
      this.records.push(...((Array.isArray(said) ? said : [said]) as InspectionRecord[]));
      this.#wake();
    });
  }

  /** The first record that fits, of those that have come and are to come. */
  async find<Found extends InspectionRecord>(
    isIt: (record: InspectionRecord) => record is Found,
  ): Promise<Found>;
  async find(isIt: (record: InspectionRecord) => boolean): Promise<InspectionRecord>;
  async find(isIt: (record: InspectionRecord) => boolean): Promise<InspectionRecord> {
    let seen = 0;
    for (;;) {
      const found = this.records.slice(seen).find(isIt);
      if (found) return found;
      seen = this.records.length;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** What became of a command. */
  async perform(number: number, command: object): Promise<string | undefined> {
    this.socket.send(JSON.stringify({ number, ...command }));
    const answer = await this.find(
      (record) => record.type === '@interplex.answer' && record.command === number,
    );
    return (answer as { refusal?: string }).refusal;
  }

  close(): void {
    this.socket.terminate();
  }
}

/** The status of an upgrade: 101 where it is a WebSocket now. */
export const upgradeStatus = (
  url: string,
  { path = 'live', headers = {} }: { path?: string; headers?: Record<string, string> } = {},
): Promise<number | undefined> =>
  new Promise((resolve) => {
    const socket = new WebSocket(new URL(path, url.replace(/^http/, 'ws')), { headers });
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('unexpected-response', (request, { statusCode }) => {
      request.destroy();
      resolve(statusCode);
    });
    socket.on('error', () => undefined);
  });
