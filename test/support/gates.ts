/**
 * Points of an application's code at which its thread stands still until the test lets it go, in
 * memory that all threads of the test's process share. Open unless the test closes them.
 */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { until } from './until.ts';

/**
 * `considering`: in a target's consider. `frozen`: in the giver, between freeze and commit.
 * `halted`: in the target that has accepted, once the giver is past `frozen` (`halting`): the
 * commit waits in its queue.
 */
const names = ['considering', 'frozen', 'halting', 'halted'] as const;
export type GateName = (typeof names)[number];

const key = 'interplex.test.gates';
const open = 0;
const closed = 1;
/** Longer than any test: a forgotten gate must not keep a thread for ever. */
const patienceMs = 60_000;

function memory(): Int32Array {
  const known = getEnvironmentData(key);
  if (known instanceof SharedArrayBuffer) return new Int32Array(known);
  const made = new SharedArrayBuffer(names.length * 2 * Int32Array.BYTES_PER_ELEMENT);
  setEnvironmentData(key, made); // Threads that start from now on see it.
  return new Int32Array(made);
}
const words = memory();
const stateAt = (name: GateName) => names.indexOf(name) * 2;
const arrivalsAt = (name: GateName) => names.indexOf(name) * 2 + 1;

/** For applications: tells those who wait for an arrival, and goes on. */
export function announce(name: GateName): void {
  Atomics.add(words, arrivalsAt(name), 1);
  Atomics.notify(words, arrivalsAt(name));
}

/** For applications: waits here, blocking the thread, while the gate is closed. */
export function pass(name: GateName): void {
  if (!isClosed(name)) return;
  announce(name);
  Atomics.wait(words, stateAt(name), closed, patienceMs);
}

/** For applications: waits, blocking the thread, until someone stands at the gate. */
export function awaitArrival(name: GateName): void {
  Atomics.wait(words, arrivalsAt(name), 0, patienceMs);
}

/** For applications and tests. */
export const isClosed = (name: GateName) => Atomics.load(words, stateAt(name)) === closed;

export const closeGate = (name: GateName): void => {
  Atomics.store(words, arrivalsAt(name), 0);
  Atomics.store(words, stateAt(name), closed);
};

const openGate = (name: GateName): void => {
  Atomics.store(words, stateAt(name), open);
  Atomics.notify(words, stateAt(name));
};

export const openAllGates = (): void => names.forEach((name) => openGate(name));

/** How many threads came to the gate since it was closed. */
export const arrivalsOf = (name: GateName): number => Atomics.load(words, arrivalsAt(name));

export const arrivalAt = (name: GateName): Promise<void> =>
  until(`a thread stands at the gate "${name}"`, () => arrivalsOf(name) > 0);
