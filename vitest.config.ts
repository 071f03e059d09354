import { defineConfig } from 'vitest/config';

/** Of the world, but by themselves: they share no address, and wait for no clock. */
const apart = [
  'check-command',
  'check-threads',
  'data-port-faults',
  'hosted-sockets',
  'inspect-command',
  'inspector-page',
  'mirror-deaths',
  'package',
  'port-deaths',
  'port-history',
  'ports-command',
].map((name) => `test/world/${name}.test.ts`);

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // Rewriting the built package would test something else than what is published.
    server: { deps: { external: [/\/dist\//] } },
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: ['test/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'apart',
          include: apart,
          globalSetup: ['test/support/application-at.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'world', // Sockets and threads: one file at a time, after the rest.
          globalSetup: ['test/support/application-at.ts'],
          include: ['test/world/*.test.ts'],
          exclude: apart,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
