/**
 * A process that listens when its last descriptor is gone: on a held one, anew, and to hold one.
 * Its output: the codes that it was told, one JSON list. To be started under a low `ulimit -n`.
 */
import { closeSync, openSync } from 'node:fs';
import { holdListener, openListener } from '#internal/io/listener';

const place = { address: '127.0.0.1', port: 0 };
const held = await holdListener(place);

/** A descriptor more, or `undefined`: none is left. */
function another(): number | undefined {
  try {
    return openSync('/dev/null', 'r');
  } catch {
    return undefined;
  }
}
const taken: number[] = [];
for (let next = another(); next !== undefined; next = another()) taken.push(next);

const codeOf = (where: Parameters<typeof openListener>[0]) =>
  new Promise<string>((resolve) => {
    openListener(where, {
      onOpen: () => resolve('open'),
      onFailure: ({ code }) => resolve(code),
      onSocket: (socket) => socket.destroy(),
    });
  });
const codes = [await codeOf({ ...place, held: held?.descriptor }), await codeOf(place)];
closeSync(taken.pop() ?? -1); // For the socket, and none for its duplicate.
codes.push(
  await holdListener(place).then(
    () => 'held',
    ({ code }: { code: string }) => code,
  ),
);
for (const descriptor of taken) closeSync(descriptor);
process.stdout.write(JSON.stringify(codes), () => process.exit());
