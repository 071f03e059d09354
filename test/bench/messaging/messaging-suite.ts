/** Cluster messages: how soon after a cut, how soon everywhere, how many, and what is none. */
import type { Suite } from '../suite.ts';
import { curveGroup, partitionGroup, smallGroup } from './convergence.ts';
import { failoverGroup } from './failover.ts';
import { rateGroup } from './rate.ts';
import { straysGroup } from './strays.ts';
import { suspicionGroup } from './suspicion.ts';

export const messagingSuite: Suite = {
  groups: [
    failoverGroup,
    rateGroup('aead', 2),
    rateGroup('none', 4),
    suspicionGroup,
    straysGroup,
    // Simulations last: the heap that they leave takes long to collect, and real nodes stand still.
    smallGroup,
    partitionGroup,
    curveGroup,
  ],
};
