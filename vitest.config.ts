import { defineConfig } from 'vitest/config';

/** Tests that time what threads and networks do: one file at a time, with the machine to itself. */
const timed = [
  'asks',
  'deaths',
  'listings',
  'messenger',
  'namespaces',
  'routed-messages',
  'start',
  'supervision',
  'vipa-lease',
].map((name) => `test/world/${name}.test.ts`);

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 20_000,
    setupFiles: ['test/support/own-folder.ts'],
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
          name: 'world', // Sockets, threads and processes, two files at a time.
          include: ['test/world/*.test.ts'],
          exclude: timed,
          globalSetup: ['test/support/application-at.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'timed',
          include: timed,
          globalSetup: ['test/support/application-at.ts'],
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
