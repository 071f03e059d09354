/** TypeScript in threads: Node reads it by itself from 22.18; before, tsx is registered once. */
import { InterplexError } from './errors.ts';

/** Throws IPX_TYPESCRIPT_LOADER if nothing can read the module; `what` names it in the sentence. */
export async function readyForTypeScript(what: string, url: string): Promise<void> {
  if (!/\.[cm]?ts([?#]|$)/.test(url) || readsTypeScript()) return;
  try {
    const { register } = await import('tsx/esm/api');
    register();
  } catch (cause) {
    throw new InterplexError(
      'IPX_TYPESCRIPT_LOADER',
      `${what} is TypeScript (${url}), which this Node does not read: ` +
        'npm install tsx, or use Node 22.18 or later, or give a .js module.',
      { cause },
    );
  }
}

/** `process.features.typescript` is `false`, 'strip' or 'transform'; older Nodes lack it. */
function readsTypeScript(): boolean {
  const features: object = process.features;
  return 'typescript' in features && features.typescript !== false;
}
