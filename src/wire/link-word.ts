/**
 * What the two ends of a link between processes say to each other, as bytes. Each word names the
 * session that it comes from and the one that it is for: by that, what an earlier life of a link
 * left on its way changes nothing.
 *
 *   0      kind: 1 open, 2 part, 3 last part, 4 end, 5 reset
 *   1–6    the sender's session, big-endian
 *   7–12   the receiver's, 0 while it is not known
 *   13–    of a part, its bytes
 *
 * APPEND ONLY: a node may meet one of another version.
 */
const headerBytes = 13;

interface Sessions {
  readonly session: number;
  readonly to: number;
}

/** A new session; `to` is 0 where the other end's is not known yet. */
export type OpenWord = Sessions & { readonly kind: 'open' };
/** What an open link brings: parcels, each completed by its last part, and its end. */
export type SpokenWord = Sessions &
  (
    | { readonly kind: 'part'; readonly isLast: boolean; readonly bytes: Uint8Array }
    | { readonly kind: 'end' }
  );
/** The answer to a word of a session that is not known. */
type ResetWord = Sessions & { readonly kind: 'reset' };
export type LinkWord = OpenWord | SpokenWord | ResetWord;

const kinds = { open: 1, part: 2, lastPart: 3, end: 4, reset: 5 } as const;

export function encodeLinkWord(word: LinkWord): Buffer {
  const payload = word.kind === 'part' ? word.bytes : undefined;
  const bytes = Buffer.allocUnsafe(headerBytes + (payload?.length ?? 0));
  const isLast = word.kind === 'part' && word.isLast;
  bytes.writeUInt8(isLast ? kinds.lastPart : kinds[word.kind]);
  bytes.writeUIntBE(word.session, 1, 6);
  bytes.writeUIntBE(word.to, 7, 6);
  if (payload) bytes.set(payload, headerBytes);
  return bytes;
}

/** `undefined`: it is none of these. */
export function decodeLinkWord(bytes: Buffer): LinkWord | undefined {
  if (bytes.length < headerBytes) return undefined;
  const session = bytes.readUIntBE(1, 6);
  const to = bytes.readUIntBE(7, 6);
  const kind = bytes.readUInt8();
  switch (kind) {
    case kinds.open:
      return { kind: 'open', session, to };
    case kinds.end:
      return { kind: 'end', session, to };
    case kinds.reset:
      return { kind: 'reset', session, to };
    case kinds.part:
    case kinds.lastPart: {
      const isLast = kind === kinds.lastPart;
      return { kind: 'part', session, to, isLast, bytes: bytes.subarray(headerBytes) };
    }
    default:
      return undefined;
  }
}
