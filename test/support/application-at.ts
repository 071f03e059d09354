/** The tests' applications and models, as JavaScript: to read TypeScript takes half a second. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const compiled = new URL('../../.cache/test/test/support/', import.meta.url);
const project = new URL('../tsconfig.applications.json', import.meta.url);
const compiler = new URL('../../node_modules/typescript/bin/tsc', import.meta.url);

export const applicationAt = (name: string): URL => new URL(`applications/${name}.js`, compiled);
export const modelAt = (name: string): URL => new URL(`models/${name}.js`, compiled);

/** Once, before all tests: vitest's `globalSetup`. */
export async function setup(): Promise<void> {
  const paths = [fileURLToPath(compiler), '-p', fileURLToPath(project)];
  await promisify(execFile)(process.execPath, paths);
}
