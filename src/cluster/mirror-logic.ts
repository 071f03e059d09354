/**
 * A mirror as logic for a user's machine (AF-6): `invoke` it, and the file is mirrored for as long
 * as the state is. Writes that must be known to be done are made by `mirror.opened`'s mirror.
 */
import { fromCallback } from 'xstate';
import type { Opener } from '../data-port/mirror-channel.ts';
import { refusalOf } from '../data-port/mirror-channel.ts';
import type { MirrorOptions } from '../data-port/mirror-options.ts';
import type { Mirror, MirrorEvent } from '../data-port/mirror.ts';
import { mirrorFile } from './mirrors.ts';

export interface MirrorLogicInput extends MirrorOptions {
  /** From where: the node of an application, or one that was started. */
  readonly node: Opener;
}
/** What it takes. */
export type MirrorCommand =
  | { readonly type: 'write'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly type: 'truncate'; readonly length: number }
  | { readonly type: 'failback' };
/** What its parent is told. */
export type MirrorReport =
  | { readonly type: 'mirror.opened'; readonly mirror: Mirror }
  | { readonly type: 'mirror.refused'; readonly code: string; readonly reason: string }
  | { readonly type: 'mirror.told'; readonly event: MirrorEvent };

export const mirrorLogic = fromCallback<MirrorCommand, MirrorLogicInput>(
  ({ input: { node, ...options }, sendBack, receive }) => {
    const report = (told: MirrorReport) => sendBack(told);
    const refused = (error: unknown) => report({ type: 'mirror.refused', ...refusalOf(error) });
    let isOver = false;
    const begin = async () => {
      const mirror = await mirrorFile(node, options);
      if (isOver) await mirror.close();
      else {
        mirror.register({ onEvent: (event) => report({ type: 'mirror.told', event }) });
        report({ type: 'mirror.opened', mirror });
      }
      return mirror;
    };
    const begun = begin();
    begun.catch(refused);
    receive((command) => {
      const obeyed = begun.then(
        (mirror) => obey(mirror, command),
        () => {},
      ); // It was refused.
      obeyed.catch(refused);
    });
    return () => {
      isOver = true;
      void begun.then(
        (mirror) => mirror.close(),
        () => {},
      ); // The same.
    };
  },
);

async function obey(mirror: Mirror, command: MirrorCommand): Promise<void> {
  if (command.type === 'write') await mirror.write(command.offset, command.bytes);
  else if (command.type === 'truncate') await mirror.truncate(command.length);
  else await mirror.failback();
}
