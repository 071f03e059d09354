/** A module that never ends loading, and stops its thread's event loop meanwhile. */
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
