/** What the lobby and the rooms of the demo agree on. */

/** A chatter's state on its way between threads. */
export interface Chatter {
  readonly name: string;
  readonly room: string;
}

/** How long a person may take for a name or a room. */
export const patienceMs = 5 * 60_000;

const wordForm = /^[^\p{C}\s/][^\p{C}\s]{0,31}$/u;

/** A name or a room as it was typed, or `undefined` with the rule to show. */
export const parseWord = (typed: string): string | undefined =>
  wordForm.test(typed.trim()) ? typed.trim() : undefined;

export const wordRule = 'sorry: 1 to 32 characters without spaces, not beginning with "/"\n';
