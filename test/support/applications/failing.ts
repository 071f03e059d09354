/** An application whose node crashes soon after each of its starts, while a gate is closed. */
import { isClosed } from '../gates.ts';

export const actors = (): void => {
  setInterval(() => {
    if (isClosed('considering')) throw new Error('it fails again and again');
  }, 5);
};
