/** The machines of a data port over their effects. */
import { dataPortMachine } from '../../actors/data-port/data-port.ts';
import { logicalConnectionMachine } from '../../actors/data-port/logical-connection.ts';
import { resetMachine } from '../../actors/data-port/reset.ts';
import type { PortEffects } from '../data-port/port-effects.ts';
import { complete } from './provide.ts';

/** A path's reset, with its effects. */
export const resetLogic = ({ reset: actions, delays }: Pick<PortEffects, 'reset' | 'delays'>) =>
  complete(resetMachine.provide({ actions, delays }));

/** One path of a port, with its effects, over the logic of its resets. */
export const logicalConnectionLogic = (effects: PortEffects['path'], reset: typeof resetMachine) =>
  complete(logicalConnectionMachine.provide({ actions: effects, actors: { reset } }));

/** A data port with its effects, over the logic of its paths. */
export const dataPortMachineLogic = ({ port, path, ...reset }: PortEffects) =>
  complete(
    dataPortMachine.provide({
      actions: port,
      actors: { logicalConnection: logicalConnectionLogic(path, resetLogic(reset)) },
    }),
  );
