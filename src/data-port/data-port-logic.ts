/**
 * A data port as logic for a user's machine (AF-6): `invoke` it, and it is open for as long as the
 * state is. Messages of `main` that come are told one by one: bulk is received by `opened`'s port.
 */
import { fromCallback } from 'xstate';
import { InterplexError, sentenceOf } from '../errors.ts';
import type { OpenDataPortOptions } from './open-options.ts';
import type { DataPort, PostOptions } from './port.ts';
import type { PortEvent } from './port-events.ts';
import type { MessageContext } from './receive-channel.ts';

export interface DataPortLogicInput extends OpenDataPortOptions {
  /** Whose port it is: the node of an application, or one that was started. */
  readonly node: { openDataPort(options: OpenDataPortOptions): Promise<DataPort> };
}
/** What it takes. */
export type DataPortCommand =
  | ({ readonly type: 'post'; readonly bytes: Uint8Array } & PostOptions)
  | { readonly type: 'failover'; readonly to?: string }
  | { readonly type: 'failback' };
/** What its parent is told. */
export type DataPortReport =
  | { readonly type: 'dataPort.opened'; readonly port: DataPort }
  | { readonly type: 'dataPort.refused'; readonly code: string; readonly reason: string }
  | {
      readonly type: 'dataPort.message';
      readonly message: Buffer;
      readonly context: MessageContext;
    }
  | { readonly type: 'dataPort.told'; readonly event: PortEvent };

export const dataPortLogic = fromCallback<DataPortCommand, DataPortLogicInput>(
  ({ input: { node, ...options }, sendBack, receive }) => {
    const waiting: DataPortCommand[] = [];
    const report = (told: DataPortReport) => sendBack(told);
    const refused = (error: unknown) => {
      const code = error instanceof InterplexError ? error.code : 'IPX_PORT_LOST';
      report({ type: 'dataPort.refused', code, reason: sentenceOf(error) });
    };
    let port: DataPort | undefined;
    let isOver = false;
    receive((command) => {
      if (port) void obey(port, command).catch(refused);
      else if (waiting.length < commandsMax) waiting.push(command);
      else refused(new InterplexError('IPX_PORT_CONGESTED', 'The port is not open yet.'));
    });
    const begin = async () => {
      const opened = await node.openDataPort(options);
      if (isOver) {
        await opened.close();
        return;
      }
      port = opened;
      opened.register({ onEvent: (event) => report({ type: 'dataPort.told', event }) });
      opened.receive((message, context) => report({ type: 'dataPort.message', message, context }));
      report({ type: 'dataPort.opened', port: opened });
      for (const command of waiting.splice(0)) void obey(opened, command).catch(refused);
    };
    begin().catch(refused);
    return () => {
      isOver = true;
      void port?.close();
    };
  },
);

/** Commands that wait until the port is open. */
const commandsMax = 1_024;

async function obey(port: DataPort, command: DataPortCommand): Promise<void> {
  switch (command.type) {
    case 'post':
      await port.post(command.bytes, command);
      return;
    case 'failover':
      await port.failover(command.to);
      return;
    case 'failback':
      await port.failback();
      return;
  }
}
