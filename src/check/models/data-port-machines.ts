/** The machines of a data port as a model composes them: those that run. */
import { assign, enqueueActions, StateMachine } from 'xstate';
import { dataPortMachine } from '../../../actors/data-port/data-port.ts';
import { failoverMachine } from '../../../actors/data-port/failover.ts';
import { logicalConnectionMachine } from '../../../actors/data-port/logical-connection.ts';
import { resetMachine } from '../../../actors/data-port/reset.ts';

export interface DataPortMachines {
  readonly dataPort: typeof dataPortMachine;
  readonly logicalConnection: typeof logicalConnectionMachine;
  readonly reset: typeof resetMachine;
  readonly failover: typeof failoverMachine;
}

/** The same machine, with a way to its paths: as carriers know the actor of each. */
const passing = <Machine extends typeof dataPortMachine>(machine: Machine): Machine => {
  const pass = enqueueActions(({ context, event, enqueue }) => {
    const { path, event: fact } = event as unknown as { path: number; event: { type: string } };
    const { epoch } = context as { epoch: number };
    enqueue.sendTo(`path.${epoch}.${path}`, fact);
  });
  const config = { ...machine.config, on: { ...machine.config.on, carried: { actions: pass } } };
  return new StateMachine(config as never, machine.implementations) as unknown as Machine;
};

/** Two numbers in turn tell a dial from the one before, and make less states than eight. */
const nextDial = (dial: number): number => 3 - dial;

/** A port's machine with all that it starts; how long its pauses become is of no concern. */
export function composed({
  dataPort = dataPortMachine,
  logicalConnection = logicalConnectionMachine,
  reset = resetMachine,
  failover = failoverMachine,
}: Partial<DataPortMachines>): typeof dataPortMachine {
  const resetting = reset.provide({
    actions: {
      countDial: assign({ dial: ({ context }) => nextDial(context.dial) }),
      countFailure: assign({}),
    },
  });
  const path = logicalConnection.provide({ actors: { reset: resetting } });
  return passing(dataPort.provide({ actors: { logicalConnection: path, failover } }));
}
