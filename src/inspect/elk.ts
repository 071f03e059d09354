/** ELK in Node: in this thread, since a chart takes a fraction of a second. */
import elkModule from 'elkjs/lib/elk.bundled.js';
import type { Layouter } from './chart-layout.ts';

// CommonJS whose declarations name a default export: Node gives the class itself.
const Elk = elkModule as unknown as typeof elkModule.default;

export const newLayouter = (): Layouter => new Elk();
