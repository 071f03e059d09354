/** What every view of the page is given. */
import type { Session } from './session.ts';

export interface ViewProps {
  readonly session: Session;
  /** What is sought, in small letters. */
  readonly search: string;
  readonly subject: string;
}
