/** The process that holds the clients: another process than any server, as clients are. */
import { answerBenchmark } from '../partner.ts';
import { ClientSet } from './client-set.ts';
import type { ClientCommand } from './commands.ts';

const sets = new Map<string, ClientSet>();

const setOf = (name: string): ClientSet => {
  const known = sets.get(name) ?? new ClientSet();
  sets.set(name, known);
  return known;
};

answerBenchmark<ClientCommand>((command) => {
  const set = setOf(command.set);
  switch (command.type) {
    case 'open':
      return set.open(command);
    case 'speak':
      return set.speak();
    case 'greeted':
      return set.greeted();
    case 'close':
      sets.delete(command.set);
      return set.close();
    case 'echo':
      return set.echo(command.ms);
    case 'bulk':
      return set.bulk(command.ms);
  }
});
