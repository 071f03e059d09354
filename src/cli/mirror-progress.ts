/** How far a mirror is: a bar on a terminal's standard error, elsewhere a line at each change. */
import type { Mirror, MirrorFigures } from '../data-port/mirror.ts';

/** What begins a line anew and clears it, on a terminal. */
const again = '\r\u001B[K';
const cells = 30;
const showMs = 100;

const words: Readonly<Record<MirrorFigures['phase'], string>> = {
  connecting: 'is being reached',
  interrupted: 'was lost, and is tried again',
  resuming: 'gets what it missed',
  resynchronising: 'gets what has changed',
  copying: 'gets all of it',
  level: 'is level',
  closing: 'gets the last of it',
  closed: 'was left',
  failed: 'was given up',
};

/** Returns how to end it. */
export function showProgress(file: string, mirror: Mirror): () => void {
  if (!process.stderr.isTTY) {
    let last = '';
    return mirror.register({
      onEvent: ({ phase, target, reason }) => {
        const why = reason === '' ? '' : ` (${reason})`;
        const line = `${file}: ${target} ${words[phase]}${why}\n`;
        if (phase === 'connecting' || line === last) return; // It is tried again and again.
        last = line;
        process.stderr.write(line);
      },
    });
  }
  const show = () => void process.stderr.write(`${again}${barOf(mirror.figures)}`);
  const timer = setInterval(show, showMs);
  show();
  return () => {
    clearInterval(timer);
    process.stderr.write(again);
  };
}

/** One line, without its end. */
function barOf(figures: MirrorFigures): string {
  const { phase, target, missingBytes, missedBytes, copiedBytes } = figures;
  if (phase !== 'copying' && phase !== 'resynchronising') return `${target} ${words[phase]}`;
  const part = missedBytes === 0 ? 0 : Math.max(0, 1 - missingBytes / missedBytes);
  const full = Math.floor(part * cells);
  const bar = `${'█'.repeat(full)}${'░'.repeat(cells - full)}`;
  const percent = String(Math.floor(part * 100)).padStart(3);
  return `${target} ${words[phase]} ${bar} ${percent} % (${mebibytes(copiedBytes)} MiB sent)`;
}

const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
