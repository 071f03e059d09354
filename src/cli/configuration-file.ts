/** A cluster's configuration as a file: a module that exports `cluster`, or JSON. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ClusterOptions } from '../cluster/configuration.ts';
import { InterplexError, sentenceOf } from '../errors.ts';
import { importApplication } from '../transfer/application-module.ts';

/**
 * Its options; the paths of applications are relative to the file. Throws IPX_CONFIG_INVALID; what
 * the options say is checked by whoever uses them.
 */
export async function readConfiguration(path: string): Promise<ClusterOptions> {
  const url = pathToFileURL(resolve(path));
  const options = path.endsWith('.json') ? await parseFile(url) : await importFile(path, url);
  if (typeof options !== 'object' || options === null) {
    throw unusable(path, 'it holds no object: give the options of startCluster()');
  }
  const { applications = {} } = options as Partial<ClusterOptions>;
  const placed = Object.entries(applications).map(([name, source]) => [
    name,
    typeof source === 'string' && source !== '' ? new URL(source, url) : source,
  ]);
  return { ...(options as ClusterOptions), applications: Object.fromEntries(placed) as never };
}

async function parseFile(url: URL): Promise<unknown> {
  try {
    return JSON.parse(await readFile(url, 'utf8'));
  } catch (cause) {
    throw unusable(url.pathname, sentenceOf(cause), cause);
  }
}

async function importFile(path: string, url: URL): Promise<unknown> {
  try {
    const module: object = await importApplication('cluster', url.href);
    if ('cluster' in module) return module.cluster;
    if ('default' in module) return module.default;
  } catch (cause) {
    throw unusable(path, sentenceOf(cause), cause);
  }
  throw unusable(path, 'it exports neither `cluster` nor a default');
}

const unusable = (path: string, why: string, cause?: unknown) =>
  new InterplexError('IPX_CONFIG_INVALID', `The configuration ${path} cannot be used: ${why}.`, {
    cause,
  });
