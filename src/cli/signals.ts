/** SIGINT and SIGTERM ask a command to end well; asked once more, it ends at once. */

/** npm sends a terminal's SIGINT a second time; what comes so soon is the same wish. */
const repeatMs = 500;

/** Settles at the first signal. A later one ends the process with 128 + its number. */
export function whenAskedToStop(): Promise<void> {
  return new Promise((resolve) => {
    let askedAtMs: number | undefined;
    const hear = (_signal: NodeJS.Signals, number: number) => {
      const now = performance.now();
      if (askedAtMs !== undefined && now - askedAtMs > repeatMs) process.exit(128 + number);
      askedAtMs ??= now;
      resolve();
    };
    process.on('SIGINT', hear).on('SIGTERM', hear);
  });
}
