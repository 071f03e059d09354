/**
 * The members of one hall, however they came: one list in each thread, which all its applications
 * import. What a member says goes to its roommates; what begins with "/" is a command.
 */
import type { Client } from '../../transfer/client.ts';
import type { ApplicationNode } from '../../transfer/application-node.ts';
import { parseWord, wordRule, type Chatter } from './chat.ts';

export interface Member extends Chatter {
  readonly client: Client;
  readonly node: ApplicationNode;
  /** Sends it a line, given without its end. */
  tell(line: string): void;
  /** Sends it a last line, and the end. */
  dismiss(line: string): void;
  /** Takes it to another room; settles with why not, if not. */
  move(room: string): Promise<string | undefined>;
}

export const members = new Set<Member>();

/** What may wait for a member who does not read; beyond it, the member is let go. */
const backlogBytesMax = 1024 * 1024;

export const join = (member: Member): void => {
  member.tell(`joined ${member.room} on ${member.node.id}`);
  members.add(member);
};

/** A line that the member sent. Settles when it has been done. */
export async function hear(member: Member, line: string): Promise<void> {
  if (!line.startsWith('/')) {
    for (const reader of roommatesOf(member)) tell(reader, `${member.name}: ${line}`);
    return;
  }
  const [word = '', argument = ''] = line.split(/\s+/, 2);
  const command = commands[word];
  if (command) await command(member, argument);
  else member.tell(`There is no ${word}: try /where, /who, /move <room> or /quit.`);
}

const roommatesOf = ({ room }: Chatter): Member[] =>
  [...members].filter((member) => member.room === room);

function tell(reader: Member, line: string): void {
  if (reader.client.socket.writableLength > backlogBytesMax) reader.client.destroy();
  else reader.tell(line);
}

const commands: Record<string, (member: Member, argument: string) => unknown> = {
  '/where': (member) => {
    const { client, node } = member;
    const { carrier, hops } = client;
    member.tell(`node=${node.id} thread=${node.threadId} carrier=${carrier} hops=${hops}`);
  },
  '/who': (member) => {
    const names = roommatesOf(member).map(({ name }) => name);
    member.tell(names.join(', '));
  },
  '/move': async (member, typed) => {
    const room = parseWord(typed);
    if (room === undefined) {
      member.tell(wordRule);
      return;
    }
    members.delete(member); // What is said meanwhile is not for a client on its way.
    const reason = await member.move(room);
    if (reason === undefined) return;
    members.add(member);
    member.tell(`sorry: ${reason}`);
  },
  '/quit': (member) => {
    members.delete(member); // First: whoever hears of it may come at once.
    member.dismiss('bye');
  },
};
