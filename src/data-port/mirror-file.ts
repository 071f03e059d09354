/** Reading and writing all of what is asked for: a short write is no success (DP-10). */
import { open, rename, type FileHandle } from 'node:fs/promises';
import { InterplexError, type ErrorCode } from '../errors.ts';

/** What there is of it: less at the end of the file. */
export async function readAll(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

/** Rejects with the system's error: ENOSPC, say. What it has written then stays. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}

/** Its content is the former or the new one, whenever the process ends. */
export async function replaceFile(path: string, text: string, isDurable: boolean): Promise<void> {
  const next = `${path}.next`;
  const file = await open(next, 'w');
  try {
    await writeAll(file, Buffer.from(text), 0);
    if (isDurable) await file.datasync();
  } finally {
    await file.close();
  }
  await rename(next, path);
}

/** Rejects with IPX_MIRROR_SOURCE. */
export async function openSource(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'r+');
    const found = await file.stat();
    if (found.isFile()) return file;
    await file.close();
    throw Object.assign(new Error('it is no regular file'), { code: 'EISDIR' });
  } catch (error) {
    throw failureOf('IPX_MIRROR_SOURCE', `To open "${path}"`, error);
  }
}

/** The system's error with a sentence that says what to do. */
export function failureOf(code: ErrorCode, what: string, error: unknown): InterplexError {
  if (error instanceof InterplexError) return error;
  const { code: cause, message } = error as NodeJS.ErrnoException;
  const remedy = remedies[cause ?? ''] ?? 'see what the system says of it';
  return new InterplexError(code, `${what} failed (${message}): ${remedy}.`, { cause: error });
}

const remedies: Readonly<Record<string, string>> = {
  ENOENT: 'name a file that is there',
  EACCES: 'it needs the permission to read and write',
  EPERM: 'it needs the permission to read and write',
  EROFS: 'the file system is read-only',
  EISDIR: 'name a file, not a folder',
  ENOTDIR: 'a part of the path is no folder',
  ENOSPC: 'make room on the disk; then it goes on where it was',
  EDQUOT: 'the quota is used up; then it goes on where it was',
  EFBIG: 'the file may not be that large there',
  EIO: 'the disk has failed',
};
