/** A messenger over the machines with their effects, and the real world unless another is given. */
import { randomBytes } from 'node:crypto';
import { openUdp } from '../io/udp.ts';
import { realClock } from '../messaging/clock.ts';
import { Messenger } from '../messaging/messenger.ts';
import type { MessengerWorld } from '../messaging/messenger-world.ts';
import type { MessengerOptions } from '../messaging/settings.ts';
import { unseen } from '../runtime/sight.ts';
import { adapterLogic, membershipLogic, messengerLogic, pathLogic } from './provide.ts';

/** A key for a cluster that has none configured: every node gets the same (CM-10). */
export const newClusterKey = (): Uint8Array => Uint8Array.from(randomBytes(32));

/** Throws the coded errors of bad options. It opens nothing before `start()`. */
export function newMessenger(
  options: MessengerOptions,
  world: Partial<Omit<MessengerWorld, 'logics'>> = {},
): Messenger {
  return new Messenger(options, {
    clock: realClock,
    openSocket: openUdp,
    randomBytes,
    random: Math.random,
    sight: unseen,
    ...world,
    logics: {
      messenger: messengerLogic,
      adapter: adapterLogic,
      path: pathLogic,
      membership: membershipLogic,
    },
  });
}
