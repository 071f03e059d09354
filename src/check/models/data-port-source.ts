/** The end of a data port that opens it, and dials: in a model. */
import { LearntAddresses } from '../../data-port/address-book.ts';
import type { DialOrder, PathEvent } from '../../data-port/carriers.ts';
import { Dialler } from '../../data-port/dialler.ts';
import type { Session } from '../../data-port/session.ts';
import { InterplexError } from '../../errors.ts';
import { PortEnd, type Experience, type PortStep } from './data-port-end.ts';
import { asError, channelsOf, keyOf, lineOf, strange, type PortPlan } from './data-port-plan.ts';

export class SourceEnd extends PortEnd {
  protected override readonly session: Session;
  readonly #plan: PortPlan;
  readonly #dialler: Dialler;
  readonly #orders = new Map<number, number>();
  readonly #outcomes = new Map<number, 'settled' | 'reported'>();
  /** By line, connections that were made over it. */
  readonly #made = new Map<string, number>();
  #isMet = false;
  #isWelcome = false;
  #isOver = false;
  #isDraining = false;

  constructor(plan: PortPlan) {
    super(channelsOf(plan));
    this.#plan = plan;
    const given = plan.targets.map((target) => {
      const addresses = Array.from({ length: plan.links }, (_, path) => lineOf(target, path));
      return [target, addresses.map((address) => ({ address, port: 1 }))] as const;
    });
    this.#dialler = new Dialler({
      world: {
        node: 'edge',
        clock: this.clock,
        book: new LearntAddresses(),
        ownAddresses: () => [],
        dialWire: ({ address }, events) => {
          const wire = `${address}#${(this.#made.get(address) ?? 0) + 1}`;
          this.#made.set(address, (this.#made.get(address) ?? 0) + 1);
          this.acts.push({ type: 'dialled', wire });
          return this.wire(wire, events);
        },
      },
      port: 'port',
      service: 'service',
      links: plan.links,
      channels: this.channels,
      localAddresses: [],
      given: new Map(given),
    });
    this.session = this.newSession(1, this.channels);
    this.#dialler.serve(this.session);
    this.#dialler.aim(plan.targets[0]!, 1);
  }

  override get experience(): Experience {
    const numbers = Array.from(this.#outcomes.keys());
    const are = (wanted: string) =>
      numbers.filter((number) => this.#outcomes.get(number) === wanted).toSorted(ascending);
    return {
      accepted: Array.from({ length: this.#accepted }, (_, number) => number),
      settled: are('settled'),
      reported: are('reported'),
      applied: [],
    };
  }
  #accepted = 0;

  protected override get standing(): unknown {
    return {
      orders: Array.from(this.#orders).toSorted(([one], [other]) => one - other),
      made: Array.from(this.#made, ([line, count]) => `${line} ${count}`).toSorted(),
      is: [this.#isMet, this.#isWelcome, this.#isOver, this.#isDraining],
    };
  }

  protected override act(step: PortStep): void {
    switch (step.do) {
      case 'dial':
        this.#orders.set(step.path, step.dial);
        this.#dialler.dial(this.#orderOf(step));
        break;
      case 'hangUp':
        this.#dialler.hangUp(this.#orderOf(step));
        break;
      case 'fence':
        this.#dialler.aim(step.target, step.epoch);
        this.#orders.clear();
        this.#isMet = false;
        this.#isWelcome = false;
        this.session.fence(step.epoch);
        break;
      case 'post':
        this.#post();
        break;
      case 'drain':
        this.#isDraining = true;
        this.session.whenDrained(() => this.acts.push({ type: 'drained' }));
        break;
      case 'close':
      case 'abandon':
        this.#isOver = true;
        this.#dialler.closeAll();
        this.session.close(
          new InterplexError('IPX_PORT_CLOSED', 'It is over.'),
          step.do === 'close',
        );
        break;
      default:
        throw new Error(`A source is not told to ${step.do}.`);
    }
  }

  #post(): void {
    if (this.#isOver) return;
    const number = this.#accepted;
    this.#accepted += 1;
    const channel = this.session.outbound.channels[0]!;
    const settle = (error?: InterplexError) => {
      if (this.#outcomes.has(number)) throw new Error(`Message ${number} is settled twice.`);
      this.#outcomes.set(number, error ? 'reported' : 'settled');
    };
    const { acknowledgement } = this.#plan;
    const key = keyOf(this.#plan, number);
    this.session.outbound.push(Buffer.from([number]), channel, key, { acknowledgement, settle });
    this.session.flushSoon();
  }

  #orderOf({ path, dial }: { path: number; dial: number }): DialOrder {
    return { path, dial, tell: (event) => this.#hear(path, event) };
  }

  #hear(path: number, event: PathEvent): void {
    this.#isMet ||= event.type === 'carrier.opened' || event.type === 'carrier.failed';
    this.#isWelcome ||= event.type === 'carrier.opened';
    this.acts.push({ type: 'told', path, event });
  }

  protected override serve(): void {}

  protected override forget(wire: string): void {
    const [line = '', number] = wire.split('#');
    if (this.#made.get(line) === Number(number)) this.#made.set(line, Number(number) - 1);
  }

  protected override loses(path: number, error: Error): void {
    this.#dialler.lose(path, asError(error));
  }
  protected override tell(path: number, event: PathEvent): void {
    this.#dialler.tell(path, event);
  }

  /** What would go again, and a further message in each lane; and what would go to a backup. */
  static probes(plan: PortPlan): readonly ((end: PortEnd) => string)[] {
    const post = ({ outbound }: Session) => {
      const numbers = plan.kind === 'keyed' ? plan.keys.map((_, number) => number) : [0];
      for (const number of numbers) {
        outbound.push(Buffer.from([strange]), outbound.channels[0]!, keyOf(plan, number));
      }
    };
    return [
      (end) => end.goOn(post),
      (end) => end.goOn((session) => void session.fence(session.epoch + 1)),
    ];
  }
}

const ascending = (one: number, other: number) => one - other;
