/** The end of a data port that accepts it: in a model. */
import type { AcceptedCarriers } from '../../data-port/accepted-carriers.ts';
import { LearntAddresses } from '../../data-port/address-book.ts';
import type { DialOrder, PathEvent } from '../../data-port/carriers.ts';
import { laneOf, streamOf } from '../../data-port/channels.ts';
import { Reception, type Acceptable } from '../../data-port/reception.ts';
import type { Session } from '../../data-port/session.ts';
import { InterplexError } from '../../errors.ts';
import { bodyCrcOf, encodeHead, frameTypes } from '../../wire/frame.ts';
import { marked, PortEnd, type Experience, type PortStep } from './data-port-end.ts';
import { asError, channelsOf, lanesOf, lineOf, strange, type PortPlan } from './data-port-plan.ts';

export class TargetEnd extends PortEnd {
  protected override session: Session | undefined;
  readonly #reception: Reception<Acceptable>;
  #carriers: AcceptedCarriers | undefined;
  readonly #applied: number[] = [];
  readonly #orders = new Map<number, string>();
  #isServed = false;
  #isOver = false;

  constructor(node: string, plan: PortPlan) {
    super(channelsOf(plan));
    const addresses = Array.from({ length: plan.links }, (_, path) => lineOf(node, path));
    this.#reception = new Reception<Acceptable>({
      node,
      incarnation: node,
      clock: this.clock,
      book: new LearntAddresses(),
      ownAddresses: () => addresses.map((address) => ({ address, port: 1 })),
      newPort: (hello, carriers) => {
        this.session = this.newSession(hello.epoch, hello.channels);
        this.#carriers = carriers;
        carriers.serve(this.session);
        this.acts.push({ type: 'began' });
        const fence = () => void this.acts.push({ type: 'fenced' });
        return { ended: new Promise(() => {}), start: () => {}, fence };
      },
    });
    this.#reception.serve('service', () => {});
  }

  override get experience(): Experience {
    return { accepted: [], settled: [], reported: [], applied: this.#applied };
  }

  protected override get standing(): unknown {
    return {
      orders: Array.from(this.#orders).toSorted(([one], [other]) => one - other),
      is: [this.#isServed, this.#isOver],
    };
  }

  protected override act(step: PortStep): void {
    switch (step.do) {
      case 'greet':
        this.#reception.greet(
          (events) => this.wire(step.wire, events),
          () => true,
        );
        break;
      case 'dial':
        this.#orders.set(step.path, `wants ${step.dial}`);
        this.#carriers?.dial(this.#orderOf(step));
        break;
      case 'hangUp':
        this.#orders.set(step.path, `hung up ${step.dial}`);
        this.#carriers?.hangUp(this.#orderOf(step));
        break;
      case 'serve':
        this.serve();
        break;
      case 'close':
      case 'abandon':
        this.#isOver = true;
        this.#carriers?.closeAll();
        this.session?.close(
          new InterplexError('IPX_PORT_CLOSED', 'It is over.'),
          step.do === 'close',
        );
        break;
      default:
        throw new Error(`A target is not told to ${step.do}.`);
    }
  }

  #orderOf({ path, dial }: { path: number; dial: number }): DialOrder {
    return {
      path,
      dial,
      tell: (event) => {
        if (event.type === 'carrier.opened') this.#orders.set(path, `has ${dial}`);
        this.acts.push({ type: 'told', path, event });
      },
    };
  }

  protected override forget(): void {}

  protected override serve(): void {
    if (this.#isServed) return;
    this.#isServed = true;
    this.session?.inbound.channels[0]?.receive((message, { replayed }) => {
      const number = message[0] ?? -1;
      this.#applied.push(replayed ? marked(number) : number);
    }, false);
  }

  protected override loses(path: number, error: Error): void {
    this.#carriers?.lose(path, asError(error));
  }
  protected override tell(path: number, event: PathEvent): void {
    this.#carriers?.tell(path, event);
  }

  /** Each frame that may come: what is applied and acknowledged then. */
  static probes(plan: PortPlan): readonly ((end: PortEnd) => string)[] {
    const streams = new Set(
      plan.keys.map((key) => streamOf(0, plan.kind === 'keyed' ? laneOf(key, lanesOf(plan)) : 0)),
    );
    const frames = [...streams].flatMap((stream) =>
      plan.keys.map((_, sequence) => ({ stream, sequence })),
    );
    return [
      (end) => end.goOn(() => {}),
      ...frames.map(
        (frame) => (end: PortEnd) =>
          end.goOn(
            () => {},
            (session) => probeFrame(session.epoch, frame),
          ),
      ),
    ];
  }
}

function probeFrame(epoch: number, where: { stream: number; sequence: number }): Buffer {
  const body = Buffer.from([1, 0, 0, 0, strange]);
  const head = { type: frameTypes.data, flags: 0, epoch, heard: 0, index: 0, total: 1, ...where };
  return Buffer.concat([encodeHead(head, body.length, bodyCrcOf(body)), body]);
}
