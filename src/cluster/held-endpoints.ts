/**
 * Endpoints that the main thread listens on and never accepts from: whichever node owns one
 * listens on a duplicate, and between two owners its clients wait in the kernel (CT-14).
 */
import type { VipaName } from '../../actors/vocabulary.ts';
import { closeDescriptor } from '../io/descriptors.ts';
import { holdListener } from '../io/listener.ts';
import type { Configuration } from './configuration.ts';

export class HeldEndpoints {
  readonly descriptors = new Map<VipaName, number>();
  /** Those that were asked for, or for 0 those that the kernel gave. */
  readonly ports = new Map<VipaName, number>();

  /** Clients that wait are refused from now on. */
  close(): void {
    for (const descriptor of this.descriptors.values()) closeDescriptor(descriptor);
    this.descriptors.clear(); // Closed a second time, a number may be anybody's.
  }
}

/**
 * Listens on every VIPA that a node of this process may own. Throws IPX_PORT_HELD or
 * IPX_ADDRESS_UNUSABLE, and then holds none.
 */
export async function holdEndpoints({ vipas, here }: Configuration): Promise<HeldEndpoints> {
  const endpoints = new HeldEndpoints();
  try {
    for (const vipa of vipas) {
      if (!here.some((node) => vipa.preference.includes(node))) continue; // Another process does.
      const held = await holdListener(vipa);
      if (!held) continue;
      endpoints.descriptors.set(vipa.name, held.descriptor);
      endpoints.ports.set(vipa.name, held.port);
    }
    return endpoints;
  } catch (error) {
    endpoints.close();
    throw error;
  }
}
