/** An application's module, loaded: JavaScript, or TypeScript where Node or tsx can read it. */
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Role } from '../../actors/protocol.ts';
import { InterplexError, sentenceOf } from '../errors.ts';
import { readyForTypeScript } from '../typescript.ts';
import { parseRouting, type RoutingApplication } from './routing-role.ts';
import { parseTarget, type TargetApplication } from './target-role.ts';

/** What an application's module exports; it may offer both roles (CT-11). */
export interface ApplicationModule {
  readonly routing?: unknown;
  readonly target?: unknown;
  readonly actors?: unknown;
}

/** The roles that a module offers, checked. */
export interface Roles {
  readonly routing?: RoutingApplication;
  readonly target?: TargetApplication;
}

/**
 * Imports a module by URL. Throws IPX_APPLICATION_MISSING if it is not there,
 * IPX_TYPESCRIPT_LOADER if nothing can read TypeScript, IPX_APPLICATION_INVALID if it cannot be
 * imported.
 */
export async function importApplication(name: string, url: string): Promise<ApplicationModule> {
  await requireFile(name, url);
  await readyForTypeScript(`Application "${name}"`, url);
  try {
    const module: unknown = await import(url);
    return typeof module === 'object' && module !== null ? module : {};
  } catch (cause) {
    throw new InterplexError(
      'IPX_APPLICATION_INVALID',
      `The module of application "${name}" (${url}) failed to load: ${sentenceOf(cause)}`,
      { cause },
    );
  }
}

/** The role of a module. Throws IPX_APPLICATION_INVALID if the export is not that. */
export function roleOf<R extends Role>(name: string, module: ApplicationModule, role: R) {
  const parsed: Roles = { ...parse('routing', module), ...parse('target', module) };
  const found = parsed[role];
  if (found) return found;
  const exported = Object.keys(module).join(', ') || 'nothing';
  throw new InterplexError(
    'IPX_APPLICATION_INVALID',
    `Application "${name}" is to serve as ${role}, but its module exports ${exported}: ` +
      `export const ${role} = ${role}Application(…), or XState logic by that name.`,
  );
}

function parse(role: Role, module: ApplicationModule): Roles {
  if (role === 'routing') {
    const routing = parseRouting(module.routing);
    return routing ? { routing } : {};
  }
  const target = parseTarget(module.target);
  return target ? { target } : {};
}

async function requireFile(name: string, url: string): Promise<void> {
  if (!url.startsWith('file:')) return;
  try {
    await access(fileURLToPath(url));
  } catch (cause) {
    const sentence = `The module of application "${name}" is not there: ${fileURLToPath(url)}`;
    throw new InterplexError('IPX_APPLICATION_MISSING', sentence, { cause });
  }
}
