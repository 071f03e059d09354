/** A channel of a port as a stream of bytes, both ways, for `pipeline` and whatever takes one. */
import { Duplex } from 'node:stream';

/** What of a data port its stream needs. */
interface StreamedPort {
  messages(channel: string): AsyncIterableIterator<Uint8Array>;
  post(bytes: Uint8Array, options: { readonly channel: string }): Promise<void>;
  end(channel: string): void;
}

/** Its end ends the channel, and the other end's end ends it. The port stays open. */
export function duplexOver(port: StreamedPort, channel: string): Duplex {
  const messages = port.messages(channel);
  const read = async (stream: Duplex) => {
    const next = await messages.next();
    stream.push(next.done === true ? null : next.value);
  };
  return new Duplex({
    read(this: Duplex) {
      read(this).catch((error: Error) => this.destroy(error));
    },
    write(chunk: Uint8Array, _, callback) {
      void settle(port.post(chunk, { channel }), callback);
    },
    final(callback) {
      try {
        port.end(channel);
        callback();
      } catch (error) {
        callback(error as Error);
      }
    },
    destroy(error, callback) {
      void messages.return?.();
      callback(error);
    },
  });
}

async function settle(done: Promise<void>, callback: (error?: Error | null) => void) {
  try {
    await done;
  } catch (error) {
    callback(error as Error);
    return;
  }
  callback();
}
