/**
 * What the two ends of a link between processes say to each other, as bytes. Each word names the
 * session that it comes from and the one that it is for: by that, what an earlier life of a link
 * left on its way changes nothing.
 *
 *   0      kind: 1 open, 2 part, 3 last part, 4 end, 5 reset
 *   1–6    the sender's session       7–12  the receiver's, 0 while it is not known
 *   13–18  the part's number, and the end's; parts follow their header
 *
 * All numbers big-endian. APPEND ONLY: a node may meet one of another version.
 */
const linkHeaderBytes = 19;

interface Sessions {
  readonly session: number;
  readonly to: number;
}

/** Of the link as a whole. */
export type SessionWord = Sessions & { readonly kind: 'open' | 'reset' };
/** In the order of their numbers. */
export type OrderedWord = Sessions & { readonly number: number } & (
    | { readonly kind: 'end' }
    /** The last part completes its parcel. */
    | { readonly kind: 'part'; readonly isLast: boolean; readonly bytes: Uint8Array }
  );
export type LinkWord = SessionWord | OrderedWord;

const kinds = { open: 1, part: 2, lastPart: 3, end: 4, reset: 5 } as const;

export function encodeLinkWord(word: LinkWord): Buffer {
  const payload = word.kind === 'part' ? word.bytes : undefined;
  const bytes = Buffer.allocUnsafe(linkHeaderBytes + (payload?.length ?? 0));
  const isLast = word.kind === 'part' && word.isLast;
  bytes.writeUInt8(isLast ? kinds.lastPart : kinds[word.kind]);
  bytes.writeUIntBE(word.session, 1, 6);
  bytes.writeUIntBE(word.to, 7, 6);
  bytes.writeUIntBE('number' in word ? word.number : 0, 13, 6);
  if (payload) bytes.set(payload, linkHeaderBytes);
  return bytes;
}

/** `undefined`: it is none of these. */
export function decodeLinkWord(bytes: Buffer): LinkWord | undefined {
  if (bytes.length < linkHeaderBytes) return undefined;
  const session = bytes.readUIntBE(1, 6);
  const to = bytes.readUIntBE(7, 6);
  const number = bytes.readUIntBE(13, 6);
  const kind = bytes.readUInt8();
  switch (kind) {
    case kinds.open:
      return { kind: 'open', session, to };
    case kinds.reset:
      return { kind: 'reset', session, to };
    case kinds.end:
      return { kind: 'end', session, to, number };
    case kinds.part:
    case kinds.lastPart: {
      const payload = bytes.subarray(linkHeaderBytes);
      return { kind: 'part', session, to, number, isLast: kind === kinds.lastPart, bytes: payload };
    }
    default:
      return undefined;
  }
}
