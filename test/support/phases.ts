/**
 * The phases of a transfer from `edge`, or another giver, to `hall-1` (then `hall-2`), each reached
 * for certain: an
 * application's thread stands at a gate there. `openAllGates` lets it go on.
 */
import { arrivalAt, closeGate } from './gates.ts';
import type { Answer } from './applications/commands.ts';
import type { TestClient } from './test-client.ts';
import type { Testbed } from './testbed.ts';

export const phases = ['considering', 'accepted', 'committed', 'adopted'] as const;
export type Phase = (typeof phases)[number];

/** Settles when the client's transfer stands in that phase. */
export async function reach(
  bed: Testbed,
  client: TestClient,
  phase: Phase,
  giver = 'edge',
): Promise<void> {
  const transfer = (answer: Answer) =>
    client.tell({ do: 'transfer', prefer: ['hall-1', 'hall-2'], answers: { 'hall-1': answer } });
  switch (phase) {
    case 'considering': // The target's thread stands in consider().
      closeGate('considering');
      transfer('block');
      await arrivalAt('considering');
      return;
    case 'accepted': // The giver has frozen the client and not committed it.
      closeGate('frozen');
      transfer('accept');
      await arrivalAt('frozen');
      return;
    case 'committed': // The commit waits in the queue of the target, whose thread stands.
      closeGate('halting');
      closeGate('halted');
      transfer('accept');
      await arrivalAt('halted');
      await bed.cluster.health(giver); // Answered after all that the giver did in that turn.
      return;
    case 'adopted':
      transfer('accept');
      await client.ask({ do: 'echo', text: 'there' });
      return;
  }
}
