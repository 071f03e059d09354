/** Modules whose actors begin with their node: `export function actors(node) { … }`. */
import type { ApplicationName } from '../../actors/vocabulary.ts';
import { InterplexError, sentenceOf } from '../errors.ts';
import type { ApplicationModule } from '../transfer/application-module.ts';
import type { ApplicationNode } from '../transfer/application-node.ts';

/** What such a module exports as `actors`; the node takes clients when it has returned. */
export type ActorsFunction = (node: ApplicationNode) => unknown;

export interface ActorModules {
  readonly names: readonly ApplicationName[];
  readonly node: ApplicationNode;
  readonly withinMs: number;
  readonly load: (name: ApplicationName) => Promise<ApplicationModule>;
}

/**
 * Calls each, one after another. Rejects with IPX_APPLICATION_INVALID when a module exports no
 * such function, IPX_APPLICATION_FAILED when it throws, IPX_START_TIMEOUT.
 */
export async function beginActors({ names, node, withinMs, load }: ActorModules): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const sentence = `The actors of node "${node.id}" did not begin within ${withinMs} ms.`;
    const fail = () => reject(new InterplexError('IPX_START_TIMEOUT', sentence));
    timer = setTimeout(fail, withinMs);
  });
  const begin = async () => {
    for (const name of names) await call(name, functionOf(name, await load(name)), node);
  };
  try {
    await Promise.race([begin(), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function call(name: string, code: ActorsFunction, node: ApplicationNode): Promise<void> {
  try {
    await code(node);
  } catch (cause) {
    if (cause instanceof InterplexError) throw cause;
    const sentence = `The actors of application "${name}" failed to begin: ${sentenceOf(cause)}`;
    throw new InterplexError('IPX_APPLICATION_FAILED', sentence, { cause });
  }
}

function functionOf(name: string, { actors }: ApplicationModule): ActorsFunction {
  if (typeof actors === 'function') return actors as ActorsFunction;
  throw new InterplexError(
    'IPX_APPLICATION_INVALID',
    `Application "${name}" is to begin actors, but its module exports no function "actors": ` +
      'export function actors(node) { node.actors.spawn(…); }',
  );
}
