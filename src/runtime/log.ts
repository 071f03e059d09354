/**
 * Logs go to standard error: standard output belongs to commands. A worker's lines are written
 * by the main thread, which alone makes them pretty, and only for a terminal.
 */
import pino, { type DestinationStream, type Level, type Logger } from 'pino';
import pretty from 'pino-pretty';

export type LogLevel = Level | 'silent';
export const logLevels: readonly LogLevel[] = [
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
  'silent',
];

export interface LogOptions {
  /** Default `info`: every reset, refusal and failover; `debug` adds each machine's steps. */
  readonly level?: LogLevel;
}

/** Where the main thread writes its own lines and its workers'. */
export const standardError = (): DestinationStream =>
  process.stderr.isTTY
    ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname' })
    : pino.destination({ dest: 2, sync: true });

/** In a worker: a logger whose lines the main thread writes. */
export const workerLog = (write: (line: string) => void, level: LogLevel): Logger =>
  pino({ level, base: null }, { write });

/** In the main thread: the logger that all others' lines join. */
export const mainLog = (destination: DestinationStream, level: LogLevel): Logger =>
  pino({ level, base: null }, destination);
