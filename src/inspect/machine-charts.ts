/** The machines that a thread's actors are, each read once, whatever effects it was given. */
import { createHash } from 'node:crypto';
import type { AnyStateMachine } from 'xstate';
import { chartOf } from './chart.ts';
import { plainText } from './plain.ts';
import { recordBase, type MachineRecord } from './records.ts';

/** A configuration is written by hand: what is longer is cut. */
const definitionCharactersMax = 128 * 1024;
const definitionDepthMax = 64;

/** By its configuration, which `provide` leaves as it is. */
const known = new WeakMap<object, MachineRecord>();

export function machineRecord(machine: AnyStateMachine): MachineRecord {
  const found = known.get(machine.config);
  if (found) return found;
  const chart = chartOf(machine);
  // Two machines may have one name, in one thread or in two.
  const digest = createHash('sha256').update(JSON.stringify(chart)).digest('hex').slice(0, 8);
  const record: MachineRecord = {
    ...recordBase(`machine:${machine.id}`),
    type: '@interplex.machine',
    machine: `${machine.id}-${digest}`,
    chart,
    definition: plainText(machine.config, definitionCharactersMax, definitionDepthMax),
  };
  known.set(machine.config, record);
  return record;
}

export const isMachine = (logic: unknown): logic is AnyStateMachine =>
  typeof logic === 'object' && logic !== null && 'config' in logic && 'root' in logic;
