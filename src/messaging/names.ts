/** The public names of cluster messages, which `interplex` exports. */
export type { MessagingEvent } from './events.ts';
export type { AddressTableView, Messenger, SendOptions } from './messenger.ts';
export type { AdapterOptions, MessengerOptions } from './settings.ts';
