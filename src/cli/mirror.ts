/** `interplex mirror`: a file to another process or host, and the side that receives it (DP-10). */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { LonePorts } from '../cluster/lone-ports.ts';
import { mirrorFile, receiveMirrors } from '../cluster/mirrors.ts';
import type { NodeAddress } from '../data-port/address-book.ts';
import type { Mirror } from '../data-port/mirror.ts';
import { InterplexError } from '../errors.ts';
import type { TlsSettings } from '../io/port-wire.ts';
import { showProgress } from './mirror-progress.ts';
import { whenAskedToStop } from './signals.ts';

interface Options {
  readonly to?: string;
  readonly backup: readonly string[];
  readonly once?: true;
  readonly verify?: true;
  readonly full?: true;
  readonly durable?: true;
  readonly receive?: string;
  readonly listen?: string;
  readonly name: string;
  readonly key?: string;
  readonly cert?: string;
  readonly ca?: string;
}

/** Standard output carries what was come to; progress goes to standard error, on a terminal. */
export function mirrorCommand(): Command {
  return new Command('mirror')
    .description('mirror a file to another process or host while it is written, or receive mirrors')
    .argument('[file]', 'the file to mirror; what is known of its replicas lies in <file>.mirror/')
    .option('--to <place>', 'who has the replica, as [name@]address:port; the name is "mirror"')
    .option('--backup <place>', 'who stands in, as name@address:port; may be repeated', collect, [])
    .option('--once', 'end when the replica is level')
    .option('--verify', 'compare sums of both sides when it is level, and end')
    .option('--full', 'copy all, over whatever the target has')
    .option('--durable', 'outlive a loss of power: write through to the disk')
    .option('--receive <path>', 'receive mirrors into this folder, or into one file')
    .option('--listen <place>', 'where to receive them, as address:port', '127.0.0.1:7500')
    .option('--name <name>', 'as whom to receive them', 'mirror')
    .option('--key <file>', "with --cert and --ca: mutual TLS; this side's key, in PEM form")
    .option('--cert <file>', 'its certificate, made out to its name')
    .option('--ca <file>', 'the authority of the other side')
    .action(async (file: string | undefined, options: Options) => {
      if ((file === undefined) === (options.receive === undefined)) {
        throw usage('give a file and --to, or --receive: one of both');
      }
      if (options.receive !== undefined) await receive(options.receive, options);
      else await send(file ?? '', options);
    });
}

async function receive(into: string, options: Options): Promise<void> {
  const listen = addressOf('--listen', options.listen ?? '');
  const ports = new LonePorts({ name: options.name, listen, tls: tlsOf(options) });
  const target = await receiveMirrors(ports, { into, durable: options.durable ?? false });
  target.register({
    onEvent: (event) => {
      if (event.type === 'replica.refused') warn(`${event.file}: ${event.reason}`);
      else if (event.type === 'replica.level') print(`${event.file}: level`);
      else print(`${event.file}: ${event.isResumed ? 'goes on' : 'is brought level'}`);
    },
  });
  for (const { address, port } of target.addresses) print(`receiving at ${address}:${port}`);
  await whenAskedToStop();
  await target.close();
  await ports.close();
}

async function send(file: string, options: Options): Promise<void> {
  if (options.to === undefined) throw usage('give --to: who has the replica');
  const ports = new LonePorts({ name: 'mirror-source', tls: tlsOf(options) });
  try {
    const mirror = await mirrorFile(ports, {
      file,
      to: placeOf('--to', options.to, 'mirror'),
      backups: options.backup.map((place) => placeOf('--backup', place)),
      watch: true,
      full: options.full ?? false,
      durable: options.durable ?? false,
    });
    const hide = showProgress(file, mirror);
    void whenAskedToStop().then(() => mirror.close());
    try {
      const result = await follow(file, mirror, options);
      hide(); // Else it would stand behind the bar.
      if (result !== '') print(result);
    } finally {
      hide();
      await mirror.close();
    }
  } finally {
    await ports.close();
  }
}

/** Until it is asked to stop, or, where that is wished, until it is level; returns what to say. */
async function follow(file: string, mirror: Mirror, { once, verify }: Options): Promise<string> {
  if (once ?? verify) await mirror.whenLevel();
  if (verify) {
    const { isEqual, bytes, ranges, digest } = await mirror.verify();
    const { target } = mirror.figures;
    const places = ranges.map(({ offset, length }) => `  ${length} bytes at ${offset}`);
    const result = isEqual ? 'equal' : 'DIFFERENT';
    if (!isEqual) process.exitCode = 1;
    return [`${file}: ${result} at ${target}, ${bytes} bytes, sum ${digest}`, ...places].join('\n');
  }
  if (once) return `${file}: level at ${mirror.figures.target}`;
  const end = await mirror.ended;
  if (end.outcome === 'failed') throw new InterplexError('IPX_MIRROR_LOST', end.reason);
  return '';
}

const collect = (value: string, former: readonly string[]) => [...former, value];

function placeOf(option: string, place: string, otherwise?: string) {
  const at = place.lastIndexOf('@');
  const node = at < 0 ? otherwise : place.slice(0, at);
  if (node === undefined || node === '') throw usage(`${option} takes name@address:port`);
  return { node, ...addressOf(option, place.slice(at + 1)) };
}

/** An IPv6 address may stand in brackets. */
function addressOf(option: string, place: string): NodeAddress {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(place) ?? [];
  const address = bracketed ?? plain;
  if (address === undefined || Number(port) > 65_535) {
    throw usage(`${option} takes an address and a port, as 127.0.0.1:7500; "${place}" is none`);
  }
  return { address, port: Number(port) };
}

function tlsOf({ key, cert, ca }: Options): TlsSettings | undefined {
  if (key === undefined && cert === undefined && ca === undefined) return undefined;
  if (key === undefined || cert === undefined || ca === undefined) {
    throw usage('--key, --cert and --ca belong together');
  }
  return { key: readFileSync(key), cert: readFileSync(cert), ca: readFileSync(ca) };
}

const usage = (what: string) => new InterplexError('IPX_USAGE', `interplex mirror: ${what}.`);
const print = (line: string) => void process.stdout.write(`${line}\n`);
const warn = (line: string) => void process.stderr.write(`interplex: ${line}\n`);
