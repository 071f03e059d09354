/** A transfer as logic for a user's machine: `invoke` it, and `onDone` brings the result. */
import { fromPromise } from 'xstate';
import type { Client } from './client.ts';
import type { TransferPlan, TransferResult } from './transfer-requests.ts';

export interface TransferInput extends TransferPlan {
  readonly client: Client;
  /** Who may move it: the `route` of a routing application, the `context` of a target one. */
  readonly by: { transfer(client: Client, plan: TransferPlan): Promise<TransferResult> };
}

/** Its output is a `TransferResult`; its error is what `transfer()` rejects with. */
export const transferLogic = fromPromise<TransferResult, TransferInput>(
  ({ input: { client, by, ...plan } }) => by.transfer(client, plan),
);
