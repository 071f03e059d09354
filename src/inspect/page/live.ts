/** The page's WebSocket: its records in, its commands out, and again when it was cut off. */
import type { AnswerRecord, Command, InspectionRecord } from '../records.ts';

export type Connection = 'connecting' | 'live' | 'lost' | 'refused';

export interface LiveListener {
  onRecords(records: readonly InspectionRecord[]): void;
  onConnection(connection: Connection): void;
}

const tokenKey = 'interplex.token';
/** A node may take 12 s to drain, and 30 s to start. */
const answerMs = 45_000;
const againMs = 1_000;

/** From `#token=…`, taken out of the address so that it is in no picture of the page. */
function takeToken(): string {
  const [, token] = /^#token=([^&]*)/.exec(location.hash) ?? [];
  if (token !== undefined) {
    sessionStorage.setItem(tokenKey, token);
    history.replaceState(undefined, '', '#/cluster');
  }
  return sessionStorage.getItem(tokenKey) ?? '';
}

export class Live {
  readonly #listener: LiveListener;
  readonly #token = takeToken();
  readonly #answers = new Map<number, (answer: AnswerRecord | undefined) => void>();
  #socket: WebSocket | undefined;
  #lastNumber = 0;
  #isClosed = false;
  /** It may be watched: where it is not any more, its line was cut. */
  #wasLive = false;

  constructor(listener: LiveListener) {
    this.#listener = listener;
    this.#open();
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.close();
  }

  /** What was refused, with the reason; `undefined` once it is done. */
  async perform(command: Command): Promise<string | undefined> {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return 'The inspector is not connected.';
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    const answer = await new Promise<AnswerRecord | undefined>((resolve) => {
      this.#answers.set(number, resolve);
      socket.send(JSON.stringify({ number, ...command }));
      setTimeout(() => resolve(undefined), answerMs);
    });
    this.#answers.delete(number);
    return answer ? answer.refusal : 'There was no answer in time.';
  }

  #open(): void {
    const query = this.#token === '' ? '' : `?token=${encodeURIComponent(this.#token)}`;
    const url = new URL(`live${query}`, location.href.replace(/^http/, 'ws').replace(/#.*$/, ''));
    const socket = new WebSocket(url);
    this.#socket = socket;
    if (!this.#wasLive) this.#listener.onConnection('connecting');
    socket.addEventListener('open', () => {
      this.#wasLive = true;
      this.#listener.onConnection('live');
    });
    socket.addEventListener('message', ({ data }) => {
      const records = JSON.parse(String(data)) as InspectionRecord[];
      for (const record of records) {
        if (record.type === '@interplex.answer') this.#answers.get(record.command)?.(record);
      }
      this.#listener.onRecords(records);
    });
    socket.addEventListener('close', () => {
      if (this.#isClosed) return;
      this.#listener.onConnection(this.#wasLive ? 'lost' : 'refused');
      setTimeout(() => this.#open(), againMs);
    });
  }
}
