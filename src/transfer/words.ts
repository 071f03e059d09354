/** Words that come with every message and say the same: kept once, rather than once a client. */
import type { ConnectionDescription, NodeId, VipaName } from '../../actors/vocabulary.ts';

const words = new Map<string, string>();
/** Client addresses are among them: past this, what was kept is let go. */
const wordsMax = 4_096;

function kept(word: string): string {
  const known = words.get(word);
  if (known !== undefined) return known;
  if (words.size >= wordsMax) words.clear();
  words.set(word, word);
  return word;
}

/** The same description, of words that others have, too. */
export const sharingWords = (connection: ConnectionDescription): ConnectionDescription => ({
  ...connection,
  origin: kept(connection.origin) as NodeId,
  vipa: kept(connection.vipa) as VipaName,
  tuple: {
    ...connection.tuple,
    clientAddress: kept(connection.tuple.clientAddress),
    address: kept(connection.tuple.address),
  },
});
