/**
 * Two hosts on no common LAN, each with a cable to two routers: two ways that share nothing.
 *
 *     a ─ 10.80.1.0 ─ r1 ─ 10.80.3.0 ─ b
 *     a ─ 10.80.2.0 ─ r2 ─ 10.80.4.0 ─ b
 */
import { Network } from './namespaces.ts';

export const twoRouters = () =>
  Network.make(
    ['r1', 'r2'],
    [
      { between: ['a', 'r1'], addresses: ['10.80.1.2', '10.80.1.1'] },
      { between: ['a', 'r2'], addresses: ['10.80.2.2', '10.80.2.1'] },
      { between: ['b', 'r1'], addresses: ['10.80.3.2', '10.80.3.1'] },
      { between: ['b', 'r2'], addresses: ['10.80.4.2', '10.80.4.1'] },
    ],
  );
