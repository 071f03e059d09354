/**
 * What stands on a connection of a data port, as text: whole frames, decoded by the product's own
 * decoder. A text stands for its bytes, so that a state is read and compared by it.
 */
import { readAcknowledgements } from '../../data-port/inbound.ts';
import { FrameDecoder, frameFlags, frameTypes, type FrameHead } from '../../wire/frame.ts';

const typeNames = new Map<number, string>(
  Object.entries(frameTypes).map(([name, type]) => [type, name]),
);
const bytesByText = new Map<string, Buffer>();

/** The text of these frames. Others of the same text get another one. */
export function wordsOf(bytes: Buffer): string {
  const frames: string[] = [];
  new FrameDecoder((head, body) => frames.push(frameText(head, body))).take(bytes);
  const text = frames.join(', ');
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? text : `${text} (${number})`;
    const known = bytesByText.get(name);
    if (known?.equals(bytes)) return name;
    if (known) continue;
    bytesByText.set(name, bytes);
    return name;
  }
}

export function bytesOf(text: string): Buffer {
  const bytes = bytesByText.get(text);
  if (!bytes) throw new Error(`No frames were ever "${text}".`);
  return Buffer.from(bytes);
}

/** The messages of a frame's body; each is one byte, its number. */
function numbersIn(body: Buffer): number[] {
  const numbers: number[] = [];
  for (let at = 0; at < body.length; at += 5) numbers.push(body[at + 4] ?? -1);
  return numbers;
}

function frameText({ type, epoch, stream, sequence, heard, flags }: FrameHead, body: Buffer) {
  const name = `${typeNames.get(type)} ${epoch}/${heard}`;
  switch (type) {
    case frameTypes.data: {
      const mark = (flags & frameFlags.replayed) === 0 ? '' : ' again';
      return `${name} ${stream}:${sequence}=${numbersIn(body).join('+')}${mark}`;
    }
    case frameTypes.acknowledgement: {
      const entries: string[] = [];
      readAcknowledgements(body, (of, received, applied) => {
        entries.push(`${of}:${received}/${applied}`);
      });
      return `${name} ${entries.join(' ')}`;
    }
    case frameTypes.hello:
      return `${name} ${String((JSON.parse(body.toString()) as { path: unknown }).path)}`;
    default:
      return name;
  }
}
