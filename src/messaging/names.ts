/** The public names of cluster messages, which `interplex` exports. */
export type { MessagingEvent } from './events.ts';
export type { AddressTableView, Messenger } from './messenger.ts';
export type { SendOptions } from './send-options.ts';
export type { AdapterOptions, MessengerOptions } from './settings.ts';
