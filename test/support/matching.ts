/** Vitest's matcher for text, without the `any` that it is declared with. */
import { expect } from 'vitest';

export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
