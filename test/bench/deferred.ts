/** A promise that others settle. A rejection that nobody awaits yet is kept for who does. */
export class Deferred<Value = void> {
  readonly promise: Promise<Value>;
  resolve!: (value: Value) => void;
  reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise<Value>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => undefined); // Who awaits it is told all the same.
  }
}
