/**
 * What can be observed without cost while nobody listens, by `node:diagnostics_channel`. Each
 * message is the `ConnectionDescription` of the client, in the thread where it happened.
 */
import { channel } from 'node:diagnostics_channel';

/** `interplex:client.frozen`: its reads were just stopped at the giver. */
export const frozenChannel = channel('interplex:client.frozen');
/** `interplex:client.resumed`: it is read at the target. */
export const resumedChannel = channel('interplex:client.resumed');
