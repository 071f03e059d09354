/**
 * The checker against `xstate/graph`, on two-phase commit, each from cold. The peer slows down the
 * longer it walks (a whole walk with 6 managers, 402,305 transitions, comes to a half of what is
 * measured here), so it is cut off early. Counted are transitions that are possible; ours without
 * those that change nothing.
 */
import { checkModel } from 'interplex/check';
import type { Report } from 'interplex/check';
import { models } from '#internal/check/models/index';
import { model } from '../../support/models/commit-model.ts';
import { less, more } from '../report.ts';
import { median } from '../statistics.ts';
import type { Group, Suite } from '../suite.ts';
import { walkOneMachine } from './one-machine.ts';
import { threadsGroup } from './threads.ts';

const rateName = 'tried transitions, one thread, two-phase commit with 7 managers';
const transferName = 'the transfer model, all faults, exhaustive';
const bytesName = 'bytes per unique state, safety only, 8 managers';

async function walkOurs(count: number): Promise<Report> {
  const report = await checkModel(model(count));
  if (report.outcome !== 'passed') throw new Error(`The walk ended as ${report.outcome}.`);
  return report;
}

const perSecond = ({ tried, ms }: { readonly tried: number; readonly ms: number }) =>
  (tried / ms) * 1_000;

const rateGroup: Group = {
  names: [rateName],
  measure: async (scale) => {
    const [count, stepsMax, rounds] = scale === 'full' ? [7, 40_000, 3] : [3, 100, 1];
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(perSecond(await walkOurs(count)));
      theirs.push(perSecond(walkOneMachine(count, stepsMax)));
    }
    const [value, peerValue] = [median(ours), median(theirs)];
    const peer = 'xstate/graph, the same as one machine';
    return [more({ name: rateName, unit: 'per s', value, peer, peerValue, target: 40 })];
  },
};

const bytesGroup: Group = {
  names: [bytesName],
  measure: async (scale) => {
    const { bytes, states } = await walkOurs(scale === 'full' ? 8 : 5);
    const peer = 'a bound';
    const value = bytes / states;
    return [less({ name: bytesName, unit: 'bytes', value, peer, peerValue: 64, target: 1 })];
  },
};

/** What may end within a minute is run before each change, and so it is kept right. */
const transferGroup: Group = {
  names: [transferName],
  measure: async (scale) => {
    const wanted = scale === 'full' ? 'two-transfers-faults' : 'transfer-prompt';
    const found = models.find((each) => each.name === wanted);
    if (!found) throw new Error(`There is no model "${wanted}".`);
    const { ms, outcome } = await checkModel(found.model());
    if (outcome !== 'passed') throw new Error(`The walk ended as ${outcome}.`);
    const peer = 'a bound';
    const value = ms / 1_000;
    return [less({ name: transferName, unit: 's', value, peer, peerValue: 60, target: 1 })];
  },
};

export const checkSuite: Suite = { groups: [rateGroup, threadsGroup, bytesGroup, transferGroup] };
