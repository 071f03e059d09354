/** Users' callbacks: what one throws ends neither the others nor whoever calls them. */

/** What a callback throws is an uncaught error of its own. */
export function tellEach<Value>(listeners: Iterable<(value: Value) => void>, value: Value): void {
  for (const listener of listeners) {
    try {
      listener(value);
    } catch (error) {
      throwLater(error);
    }
  }
}

/** An uncaught error, outside of what is going on. */
export function throwLater(error: unknown): void {
  setImmediate(() => {
    throw error instanceof Error ? error : new Error(String(error));
  });
}
