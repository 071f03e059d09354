// Makes a clone ready, then runs a program in it: `node .ci/ready.mjs [node arguments …]`.
// Installs when node_modules does not hold what package-lock.json names, and builds what is stale.
// Everything that it says goes to standard error: standard output belongs to the program.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { mkdirSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The page of the inspector is Vite's to build, and no other's. */
const page = join('src', 'inspect', 'page');

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

install();
build();
if (process.argv.length > 2) run(process.argv.slice(2));

function install() {
  if (isInstalled()) return;
  console.error('interplex: installing dependencies');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  must(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** What a lock names as optional may be absent: it belongs to another platform. */
function isInstalled() {
  const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;
  if (!existsSync('node_modules/.package-lock.json')) return false;
  const installed = packagesOf('node_modules/.package-lock.json');
  return Object.entries(packagesOf('package-lock.json')).every(([path, { version, optional }]) => {
    const found = installed[path];
    return path === '' || (found ? found.version === version : optional === true);
  });
}

function build() {
  for (const folder of ['src', 'actors']) if (existsSync(folder)) prune(folder);
  must(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.']);
  for (const folder of ['src', 'actors']) if (existsSync(folder)) copyAssets(folder);
  if (existsSync('dist/src/cli/main.js')) chmodSync('dist/src/cli/main.js', 0o755);
  if (existsSync(page)) buildPage();
}

/** Where nothing has changed of what it is made of, nothing is done. */
function buildPage() {
  const digest = createHash('sha256').update(readFileSync('package-lock.json'));
  for (const path of filesIn(join('src', 'inspect')).toSorted()) {
    digest.update(path).update(readFileSync(path));
  }
  const stamp = join('dist', '.page');
  const made = digest.digest('hex');
  const isThere = existsSync(join('dist', page, 'index.html'));
  if (isThere && existsSync(stamp) && readFileSync(stamp, 'utf8') === made) return;
  const config = join(page, 'vite.config.ts');
  must(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--config', config]);
  mkdirSync('dist', { recursive: true });
  writeFileSync(stamp, made);
}

function isInside(folder, path) {
  return path.startsWith(`${folder}${sep}`);
}

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The compiler leaves behind what it made of a deleted source, and a package would carry it. */
function prune(folder) {
  const output = join('dist', folder);
  if (!existsSync(output)) return;
  for (const path of filesIn(output)) {
    if (isInside(join('dist', page), path)) continue;
    const source = path.slice('dist/'.length);
    const origin = source.replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts');
    if (!existsSync(source) && !existsSync(origin)) rmSync(path);
  }
}

function copyAssets(folder) {
  const isAsset = (name) => !/\.[cm]?tsx?$/.test(name);
  for (const path of filesIn(folder)) {
    if (isAsset(path) && !isInside(page, path)) cpSync(path, join('dist', path));
  }
}

function must(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/**
 * A signal to the whole group (Ctrl-C) arrives here twice, from the terminal and forwarded by npm,
 * and has reached the program already; a signal to npm alone arrives once and must be passed on.
 * The kernel may merge the two, so the program, as under npx, should take a prompt repeat for one.
 */
function run(args) {
  const program = spawn(process.execPath, args, { stdio: 'inherit' });
  const waiting = new Map();
  const passOn = (signal) => {
    if (waiting.has(signal)) {
      clearTimeout(waiting.get(signal));
      waiting.delete(signal);
      return;
    }
    const pass = () => {
      waiting.delete(signal);
      program.kill(signal);
    };
    waiting.set(signal, setTimeout(pass, 150));
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, passOn);
  process.on('SIGHUP', () => {}); // The terminal's end reaches the program by itself.
  program.on('error', (error) => {
    throw error;
  });
  program.on('exit', (code, signal) => {
    process.exit(signal ? 128 + constants.signals[signal] : code);
  });
}
