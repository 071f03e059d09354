/** Numbered messages, and the numbers that a node hears. */
import type { Message } from '#internal/messaging/exchange';
import type { SimulatedCluster } from './simulated-cluster.ts';

export const numbered = (number: number): Message & { readonly number: number } => ({
  kind: 'count',
  number,
});

/** In their order; the list grows. */
export function heardBy(cluster: SimulatedCluster, node: number): number[] {
  const heard: number[] = [];
  cluster.messengers[node]!.on('count', (message) => void heard.push(message['number'] as number));
  return heard;
}
