/** What is on its way: each thing comes at its time, those of one time in the order of sending. */

export class Departures<Thing> {
  readonly #deliver: (thing: Thing) => void;
  /** By time; the last is the latest. */
  readonly #waiting: { readonly thing: Thing; readonly atMs: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(deliver: (thing: Thing) => void) {
    this.#deliver = deliver;
  }

  get count(): number {
    return this.#waiting.length;
  }

  add(thing: Thing, atMs: number): void {
    if (this.#waiting.length === 0 && atMs <= performance.now()) return this.#deliver(thing);
    let place = this.#waiting.length;
    while (place > 0 && (this.#waiting[place - 1]?.atMs ?? 0) > atMs) place -= 1;
    this.#waiting.splice(place, 0, { thing, atMs });
    if (place === 0) this.#arm();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const first = this.#waiting[0];
    if (!first) return;
    this.#timer = setTimeout(() => this.#release(), Math.ceil(first.atMs - performance.now()));
  }

  #release(): void {
    const nowMs = performance.now();
    const late = this.#waiting.findIndex(({ atMs }) => atMs > nowMs);
    const due = this.#waiting.splice(0, late === -1 ? this.#waiting.length : late);
    for (const { thing } of due) this.#deliver(thing);
    this.#arm();
  }
}
