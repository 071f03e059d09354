// The package under other versions of Node.js: `node .ci/nodes.mjs [major …]`, by default 22, 24, 26
// and the one that runs this. The tarball is installed into an empty folder; there every public
// subpath is imported, the command answers, and each numbered example ends by itself with 0, which
// examples do when INTERPLEX_EXAMPLE_ONCE is 1.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const exampleTimeoutMs = 60_000;
/** They take five seconds and more. */
const slow = /^0[589]-/;
const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];

const majors = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24', '26'];
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'interplex-nodes-'));
let failedCount = 0;

try {
  installPackage();
  tryOut(process.execPath, ['--import', 'tsx'], true);
  for (const major of majors) tryOut(nodeOf(major), [], major === majors.at(-1));
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(failedCount === 0 ? 0 : 1);

/** The tarball, and beside it the optional peer that Node 20 needs for TypeScript. */
function installPackage() {
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(must('npm', pack, root));
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/tsx/package.json'), 'utf8'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  must('npm', ['install', ...quietly, join(folder, filename), `tsx@${version}`], folder);
  const examples = join(root, 'examples');
  if (existsSync(examples)) cpSync(examples, join(folder, 'examples'), { recursive: true });
}

/** npm carries Node.js itself, one package for each system; kept between runs, ignored by git. */
function nodeOf(major) {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${system}-${process.arch}`;
  const home = join(root, '.cache', `node-${major}`);
  const node = join(home, 'node_modules', name, 'bin', 'node');
  if (!existsSync(node)) {
    mkdirSync(home, { recursive: true });
    // Not by `--prefix`: npm then looks for its global settings there, too, and misses a proxy's
    // certificate.
    writeFileSync(join(home, 'package.json'), '{ "private": true }\n');
    must('npm', ['install', ...quietly, `${name}@${major}`], home);
  }
  return node;
}

/** `isWhole`: every example; between the oldest and the newest version the quick ones will do. */
function tryOut(node, typescript, isWhole) {
  const version = must(node, ['--version'], folder).trim();
  const command = join('node_modules/interplex', manifest.bin.interplex);
  for (const path of Object.keys(manifest.exports)) {
    if (path === './package.json') continue;
    const name = `interplex${path.slice(1)}`;
    report(version, `import ${name}`, node, ['--eval', `import('${name}')`]);
  }
  report(version, 'interplex --version', node, [command, '--version']);
  for (const example of examplesIn(join(folder, 'examples'))) {
    if (!isWhole && slow.test(example)) continue;
    report(version, example, node, [...typescript, join('examples', example)]);
  }
}

function examplesIn(path) {
  const isExample = (name) => /^\d\d-.*\.(ts|mts|js|mjs)$/.test(name);
  return existsSync(path) ? readdirSync(path).filter(isExample).toSorted() : [];
}

function report(version, name, node, args) {
  const startedAt = performance.now();
  const { status, signal, stdout, stderr } = spawnSync(node, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, INTERPLEX_EXAMPLE_ONCE: '1' },
    timeout: exampleTimeoutMs,
    killSignal: 'SIGKILL',
  });
  const durationMs = Math.round(performance.now() - startedAt);
  const result = status === 0 ? 'ok' : `FAILED (${signal ?? status})`;
  console.log(`${version} ${name}: ${result}, ${durationMs} ms`);
  if (status === 0) return;
  failedCount += 1;
  console.log(`${stdout}${stderr}`);
}

function must(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stderr}`);
  return stdout;
}
