/**
 * A block of ports at the stack that leases it (SP-3, SP-5). While it is open its ports are taken
 * and given back by plain code, without a step of this machine; it decides when there is a block at
 * all, and that it leaves the stack only when no port of it is in use or at rest.
 */
import { setup } from 'xstate';
import { unprovided } from '../unprovided.ts';

export type PortBlockEvent =
  | { type: 'block.granted' } // the coupling facility's answers
  | { type: 'block.denied' }
  | { type: 'block.returned' }
  | { type: 'surplus' } // commands: none of its ports is in use, and the stack has others
  | { type: 'drain' } // no port more is taken of it
  | { type: 'ports.gone' }; // none is in use or at rest

export const portBlockMachine = setup({
  types: {} as { events: PortBlockEvent; tags: 'leased' },
  actions: {
    request: unprovided('request'),
    open: unprovided('open'),
    close: unprovided('close'),
    awaitPorts: unprovided('awaitPorts'),
    giveBack: unprovided('giveBack'),
  },
}).createMachine({
  id: 'portBlock',
  initial: 'requested',
  states: {
    requested: {
      entry: 'request',
      on: { 'block.granted': 'open', 'block.denied': 'denied', drain: 'unwanted' },
    },
    // What was asked for may still be granted, and must not be kept.
    unwanted: { on: { 'block.granted': 'returning', 'block.denied': 'denied' } },
    open: {
      tags: 'leased',
      entry: 'open',
      exit: 'close', // Before it is given back: from here on no port is taken of it.
      on: { surplus: 'returning', drain: 'draining' },
    },
    draining: {
      tags: 'leased',
      entry: 'awaitPorts',
      on: { 'ports.gone': 'returning' },
    },
    returning: { tags: 'leased', entry: 'giveBack', on: { 'block.returned': 'returned' } },
    returned: { type: 'final' },
    denied: { type: 'final' },
  },
});
