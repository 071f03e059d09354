/** A folder that only this user can enter: the file system says who may ask its clusters. */
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { InterplexError } from '../errors.ts';

/** Made where there is none. Throws IPX_ADDRESS_UNUSABLE for one that somebody else has made. */
export function userFolder(): string {
  const folder = join(tmpdir(), `interplex-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid } = statSync(folder);
  if (uid === userInfo().uid) {
    chmodSync(folder, 0o700);
    return folder;
  }
  const sentence = `${folder} is another user's: set TMPDIR to a folder of your own.`;
  throw new InterplexError('IPX_ADDRESS_UNUSABLE', sentence);
}
