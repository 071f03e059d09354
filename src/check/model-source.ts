/** A model by the module that makes it: a thread cannot be given functions, and makes its own. */
import { pathToFileURL } from 'node:url';
import { InterplexError, sentenceOf } from '../errors.ts';
import { invalid } from '../options.ts';
import { readyForTypeScript } from '../typescript.ts';
import type { Model } from './model.ts';
import type { AnyActors } from './model-actor.ts';

export interface ModelSource {
  /** The URL of a module, or its path. */
  readonly module: URL | string;
  /** What it exports: a model, or a function that makes one. Default: `model`. */
  readonly export?: string;
  /** What the function is given; it is copied to each thread (structured clone). */
  readonly argument?: unknown;
}

/** The same, as it is sent to a thread. */
export interface ModelAddress {
  readonly url: string;
  readonly name: string;
  readonly argument: unknown;
}

/** Throws IPX_OPTION_INVALID. */
export function addressOf({ module, export: name = 'model', argument }: ModelSource): ModelAddress {
  try {
    structuredClone(argument);
  } catch (error) {
    const reason = sentenceOf(error).replace(/\.$/, '');
    throw invalid('argument', `each thread gets a copy of it, and ${reason}`);
  }
  const isUrl = typeof module !== 'string' || /^[a-z]{2,}:/.test(module);
  return { url: isUrl ? String(module) : pathToFileURL(module).href, name, argument };
}

/** Throws IPX_MODEL_UNKNOWN, IPX_TYPESCRIPT_LOADER. */
export async function modelAt({ url, name, argument }: ModelAddress): Promise<Model<AnyActors>> {
  await readyForTypeScript('The module of a model', url);
  const module = await imported(url);
  const exported = module[name];
  const model: unknown =
    typeof exported === 'function' ? (exported as (given: unknown) => unknown)(argument) : exported;
  if (typeof model === 'object' && model !== null && 'actors' in model && 'properties' in model) {
    return model as Model<AnyActors>;
  }
  const names = Object.keys(module).join(', ') || 'nothing';
  const sentence = `${url} exports no model "${name}", or function that makes one, but ${names}.`;
  throw new InterplexError('IPX_MODEL_UNKNOWN', sentence);
}

async function imported(url: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(url)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    const sentence = `The module of a model (${url}) failed to load: ${sentenceOf(cause)}`;
    throw new InterplexError('IPX_MODEL_UNKNOWN', sentence, { cause });
  }
}
