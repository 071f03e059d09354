/** One thread that walks two-phase commit by itself, and says how long it took. */
import { parentPort, workerData } from 'node:worker_threads';
import { checkModel } from 'interplex/check';
import { model } from '../../support/models/commit-model.ts';

const report = await checkModel(model(workerData as number));
parentPort?.postMessage(report.states);
