/**
 * What is claimed of a system. `always`, `never` and `sometimes` are of states; `eventually` and
 * `leadsTo` of whole runs, also of those that go round for ever.
 *
 * Runs are taken to be weakly fair: a step that stays possible from some moment on, without pause,
 * is taken at some time. Each message, armed timer, outstanding answer and restart counts by
 * itself. Nothing unasked, no crash, no loss and no repetition ever has to come; nor a message in a
 * network that loses and duplicates without order, where a loss is just that. A message that is
 * sent for ever and lost for ever is fair: bound the losses (`loss: 2`) where it should not be.
 */
export type Claim<System> = (system: System) => boolean;

/** A claim by its quantifier and name, as in `{ always: 'all agree', holds: (system) => … }`. */
export type Property<System> =
  /** Holds in every state that is reached. */
  | { readonly always: string; readonly holds: Claim<System> }
  /** Holds in no state that is reached. */
  | { readonly never: string; readonly holds: Claim<System> }
  /** Holds in one state at least: what should be possible is. */
  | { readonly sometimes: string; readonly holds: Claim<System> }
  /** Holds at some time in every weakly fair run. */
  | { readonly eventually: string; readonly holds: Claim<System> }
  /**
   * In every weakly fair run, where `after` holds, `holds` does then or later. Where `after` holds
   * in no state the claim is vacuous, and fails.
   */
  | { readonly leadsTo: string; readonly after: Claim<System>; readonly holds: Claim<System> };

/** What makes a check fail, in the words of a report. */
export type ViolationKind = 'broken' | 'never held' | 'vacuous' | 'may never come' | 'deadlock';

export interface Named<System> {
  readonly name: string;
  readonly claim: Claim<System>;
}
/** A claim of whole runs. */
export interface RunClaim<System> extends Named<System> {
  /** Where it falls due; at the start if there is none. */
  readonly premise: Claim<System> | undefined;
}

/** The claims by what has to be done about them. */
export interface Claims<System> {
  /** That hold in every state. */
  readonly invariants: readonly Named<System>[];
  readonly possibilities: readonly Named<System>[];
  readonly ofRuns: readonly RunClaim<System>[];
}

export function claimsOf<System>(properties: readonly Property<System>[]): Claims<System> {
  const invariants: Named<System>[] = [];
  const possibilities: Named<System>[] = [];
  const ofRuns: RunClaim<System>[] = [];
  for (const property of properties) {
    const { holds: claim } = property;
    if ('always' in property) invariants.push({ name: property.always, claim });
    else if ('never' in property) {
      invariants.push({ name: property.never, claim: (system) => !claim(system) });
    } else if ('sometimes' in property) possibilities.push({ name: property.sometimes, claim });
    else if ('eventually' in property) {
      ofRuns.push({ name: property.eventually, claim, premise: undefined });
    } else ofRuns.push({ name: property.leadsTo, claim, premise: property.after });
  }
  return { invariants, possibilities, ofRuns };
}
