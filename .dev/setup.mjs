// npm run setup: packages, build, ffmpeg. Plain Node without packages, because it is what installs them.
// It may be run at any time and by several processes at once; where nothing is to be done it is done in a moment.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ensureFfmpeg, findFfmpeg } from './ffmpeg.mjs';
import { withLock } from './lock.mjs';
import { isBuilt, ROOT, readJson } from './tree.mjs';

const say = (message) => process.stderr.write(`setup: ${message}\n`);

/** Says what is wrong and what would work, and ends the set-up. */
function stop(message, code = 1) {
  say(message);
  process.exit(code);
}

/** True when npm's own record of node_modules holds every package that the lock file asks of this machine. */
function isInstalled() {
  const record = join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = readJson(record).packages;
  return Object.entries(readJson(join(ROOT, 'package-lock.json')).packages).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    // Optional packages are missing where they are for another machine or could not be built or downloaded.
    if (!found || !existsSync(join(ROOT, path))) return wanted.optional === true || wanted.devOptional === true;
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

function npm(args, env = {}) {
  // npm is a batch file on Windows, which only a shell can start; the arguments are fixed words.
  const windows = process.platform === 'win32';
  return spawnSync(windows ? 'npm.cmd' : 'npm', args, {
    cwd: ROOT,
    shell: windows,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    maxBuffer: 1 << 28,
  });
}

function install() {
  say('installing packages with npm ci (better-sqlite3 may have to be compiled, which takes a minute)');
  // A usable ffmpeg on the machine spares ffmpeg-static's download of 80 MB; the package itself stays.
  const ffmpeg = findFfmpeg();
  const run = npm(
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    ffmpeg.ok ? { FFMPEG_BIN: ffmpeg.ffmpeg } : {},
  );
  if (run.status === 0 && isInstalled()) return;
  process.stderr.write(`${run.stdout}${run.stderr}`);
  stop('npm ci failed, see above; it needs the npm registry, or a filled npm cache');
}

/** Why better-sqlite3 cannot be used, or undefined. */
function databaseProblem() {
  try {
    const Database = createRequire(join(ROOT, 'package.json'))('better-sqlite3');
    new Database(':memory:').close();
    return undefined;
  } catch (error) {
    return String(error.message)
      .split('\n')[0]
      .replace(/[.:]? Tried:$/, '');
  }
}

/** History is worth one try at building it, never a failed set-up: exports run without. */
function ensureDatabase() {
  if (databaseProblem() === undefined) return;
  const folder = join(ROOT, 'node_modules/better-sqlite3');
  const tried = join(folder, '.tried');
  const abi = `${process.version} ${process.arch}`;
  if (existsSync(folder) && !(existsSync(tried) && readFileSync(tried, 'utf8') === abi)) {
    say('building better-sqlite3 for this Node (about a minute)');
    npm(['rebuild', 'better-sqlite3', '--loglevel=error']);
    writeFileSync(tried, abi);
  }
  const problem = databaseProblem();
  if (!problem) return;
  say(`better-sqlite3 cannot be used (${problem}): exports run, but no history is kept`);
  say('it needs a C++ compiler and Python; `npm rebuild better-sqlite3` tries again');
}

function buildProgram() {
  const run = spawnSync(process.execPath, [join(ROOT, '.dev/build.mjs')], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (run.status !== 0) stop('the build failed, see above');
}

/** One set-up at a time does the work; the others wait, and find it done. */
async function alone(work) {
  try {
    await withLock(join(ROOT, '.sg-export-setup.lock'), say, work);
  } catch (error) {
    if (error.code !== 'EACCES' && error.code !== 'EROFS' && error.code !== 'EPERM') throw error;
    stop(`${ROOT} cannot be written: run this as its owner`);
  }
}

const needsWork = () => !isInstalled() || databaseProblem() !== undefined || !isBuilt();

if (needsWork()) {
  await alone(() => {
    // Asked again: another set-up may have done it while this one waited.
    if (!isInstalled()) install();
    ensureDatabase();
    if (!isBuilt()) buildProgram();
  });
}
const ffmpeg = findFfmpeg();
if (!ffmpeg.ok) {
  await alone(() => {
    const problem = ensureFfmpeg(say);
    if (problem) stop(problem, 5);
  });
}
