/**
 * Goal: whatever bytes come, cut anywhere, the frames' decoder gives what was sent or says what is
 * wrong, by a code; it never waits for more than a frame may have (DP-6).
 * Method: seeded streams of frames, cut at random; one in two has bits changed, bytes left out or
 * put in. `IPX_FRAME_STREAMS` says how many streams; the soak has a million.
 */
import { expect, test } from 'vitest';
import { InterplexError } from 'interplex';
import { bodyCrcOf, encodeHead, FrameDecoder, frameTypes } from '#internal/wire/frame';
import type { FrameHead } from '#internal/wire/frame';
import { limits } from '#internal/limits';
import { randomOf, type Random } from './support/random.ts';
import { upTo } from './support/data-port/nodes.ts';

const streams = Number(process.env['IPX_FRAME_STREAMS'] ?? 5_000);
const codes = ['IPX_FRAME_CORRUPT', 'IPX_FRAME_INVALID', 'IPX_FRAME_LIMIT', 'IPX_FRAME_VERSION'];

interface Frame {
  readonly head: FrameHead;
  readonly body: Buffer;
}
function frameOf(random: Random): Frame {
  const number = () => random.below(2 ** 31);
  const types = Object.values(frameTypes);
  const head = {
    type: random.oneOf(types),
    flags: random.below(8),
    epoch: number(),
    stream: number(),
    sequence: number() * random.below(2 ** 21),
    heard: number(),
    index: number(),
    total: number(),
  };
  const length = random.chance(0.1) ? random.below(5_000) : random.below(80);
  return { head, body: Buffer.alloc(length, random.below(256)) };
}
const encoded = ({ head, body }: Frame) =>
  Buffer.concat([encodeHead(head, body.length, bodyCrcOf(body)), body]);

/** The frames that a decoder gives, and the code of what it refused. */
function decoded(bytes: Buffer, random: Random): { frames: Frame[]; code?: string } {
  const frames: Frame[] = [];
  const decoder = new FrameDecoder((head, body) => frames.push({ head, body: Buffer.from(body) }));
  try {
    for (let rest = bytes; rest.length > 0;) {
      const count = 1 + random.below(random.chance(0.3) ? 8 : 2_000);
      decoder.take(rest.subarray(0, count));
      rest = rest.subarray(count);
    }
  } catch (error) {
    if (!(error instanceof InterplexError)) throw error;
    return { frames, code: error.code };
  }
  return { frames };
}

function damaged(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length);
  const wrong = Buffer.from(bytes);
  switch (random.below(3)) {
    case 0:
      wrong[at]! ^= 1 << random.below(8);
      return wrong;
    case 1:
      return Buffer.concat([wrong.subarray(0, at), wrong.subarray(at + 1 + random.below(50))]);
    default:
      return Buffer.concat([wrong.subarray(0, at), Buffer.from([7, 0, 9]), wrong.subarray(at)]);
  }
}

/**
 * Each is one of those sent, in their order. Some may be missing: bytes that are left out may be a
 * frame's own, from its first to its last (seeds 219281 and 764007).
 */
function isPartOf(frames: readonly Frame[], sent: readonly Frame[]): boolean {
  const texts = sent.map((frame) => encoded(frame).toString('latin1'));
  let at = 0;
  return frames.every((frame) => {
    at = texts.indexOf(encoded(frame).toString('latin1'), at) + 1;
    return at > 0;
  });
}

/** What is wrong with the outcome of one stream, if anything is. */
function wrongWith(seed: number): { wrong?: string; code?: string | undefined } {
  const random = randomOf(seed);
  const sent = upTo(1 + random.below(6)).map(() => frameOf(random));
  const bytes = Buffer.concat(sent.map((frame) => encoded(frame)));
  const isDamaged = random.chance(0.5);
  const { frames, code } = decoded(isDamaged ? damaged(bytes, random) : bytes, random);
  const came = Buffer.concat(frames.map((frame) => encoded(frame)));
  if (!isDamaged && (code !== undefined || !came.equals(bytes))) return { wrong: 'not as sent' };
  if (!isPartOf(frames, sent)) return { wrong: 'what was never sent' };
  if (code !== undefined && !codes.includes(code)) return { wrong: `another code, ${code}` };
  return { code };
}

test('DP-6 frames come out as they went in, cut anywhere; damage is told by a code', () => {
  let refused = 0;
  const breaches: string[] = [];
  for (let seed = 0; seed < streams; seed += 1) {
    const { wrong, code } = wrongWith(seed);
    if (wrong !== undefined) breaches.push(`seed ${seed}: ${wrong}`);
    if (code !== undefined) refused += 1;
  }
  expect(breaches).toEqual([]);
  expect(refused).toBeGreaterThan(streams / 5);
}, 3_600_000);

test('DP-6 bytes that are no frames at all are told at once', () => {
  for (const seed of upTo(200)) {
    const random = randomOf(seed);
    const noise = Buffer.from(upTo(1_000).map(() => random.below(256)));
    expect(codes).toContain(decoded(noise, random).code);
  }
});

test('DP-6 a frame longer than any is refused before it is waited for', () => {
  const random = randomOf(1);
  const { head } = frameOf(random);
  const long = encodeHead(head, limits.frameBodyBytesMax + 1, 0);
  expect(decoded(long, random)).toEqual({ frames: [], code: 'IPX_FRAME_LIMIT' });
});
