/** The page is built once, with the package: whoever installs it needs no Vite. */
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../../dist/src/inspect/page',
    emptyOutDir: true,
    target: 'es2022',
    license: { fileName: 'licenses.md' },
    // ELK is 1.5 MB, and in a worker of its own.
    chunkSizeWarningLimit: 2_000,
    rolldownOptions: {
      output: {
        // ELK's worker is a script, not a module, and is called what it is.
        assetFileNames: ({ names: [name = ''] }) =>
          `assets/[name]-[hash]${name.endsWith('.js') ? '.cjs' : '[extname]'}`,
      },
    },
  },
});
