// What the benchmarks of whole runs share: candidates that take turns, each measured with all its processes.
// CPU seconds are user + system of all processes; memory is the highest sum of what they hold: RSS, looked at ten times a second (`abreast`: PSS, at the end of turns).
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { median } from './resumable.mjs';

export const FFMPEG = ['ffmpeg', '-v', 'error', '-nostdin', '-y'];
export const quoted = (argv) => argv.map((word) => `'${String(word).replaceAll("'", `'\\''`)}'`).join(' ');
export const has = (program) => spawnSync('which', [program]).status === 0;
const first = (program, args) => spawnSync(program, args, { encoding: 'utf8' }).stdout?.split('\n')[0] ?? '';

/** The machine, in one line. */
export const machine = (programs) =>
  [
    `${cpus().length} × ${cpus()[0]?.model}`,
    `${Math.round(totalmem() / 1e9)} GB`,
    `Node ${process.versions.node}`,
    ...programs.map(([program, args]) => first(program, args).replace(/ Copyright.*/, '')),
  ].join(', ');

export const loadNow = () => loadavg()[0].toFixed(1);

const read = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** A process and all below it. */
function processesBelow(root) {
  const rows = readdirSync('/proc').flatMap((pid) => {
    const text = /^\d+$/.test(pid) ? read(`/proc/${pid}/stat`) : '';
    const [, name = '', rest = ''] = /\((.*)\) (.*)/s.exec(text) ?? [];
    const fields = rest.split(' ');
    return fields.length > 21 ? [{ pid: Number(pid), name, parent: Number(fields[1]), pages: Number(fields[21]) }] : [];
  });
  const inside = new Set([root]);
  for (let before = 0; before !== inside.size; ) {
    before = inside.size;
    for (const { pid, parent } of rows) if (inside.has(parent)) inside.add(pid);
  }
  return rows.filter(({ pid }) => inside.has(pid));
}

/** Memory of a process and all below it, in MB; and that of the node process alone. */
function memoryBelow(root) {
  const own = processesBelow(root);
  const mb = (list) => (list.reduce((sum, { pages }) => sum + pages, 0) * 4096) / 1e6;
  return { all: mb(own), node: mb(own.filter(({ name }) => /^(node|MainThread|sg-export)/.test(name))) };
}

const TIMED = "TIMEFORMAT='%R %U %S'; time";

/** What bash's `time` said last, seconds. */
const timesOf = (said) => said.trim().split('\n').at(-1).split(' ').map(Number);

/** Runs a shell command to its end in a folder: wall and CPU seconds of it and all its children, as bash's `time` counts them, and the peak of memory. */
export function measure(command, { work, env }) {
  return new Promise((done, failed) => {
    const child = spawn('bash', ['-c', `${TIMED} { ${command} ; } >${work}/out 2>${work}/err`], {
      env,
      cwd: work,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const memory = [];
    const timer = setInterval(() => memory.push(memoryBelow(child.pid)), 100);
    child.on('close', (code) => {
      clearInterval(timer);
      if (code !== 0) return failed(new Error(`${command}\n${read(join(work, 'err'))}`));
      const [wallSec, user, system] = timesOf(said);
      done({ wallSec, cpuSec: user + system, peakMb: Math.max(0, ...memory.map(({ all }) => all)), memory });
    });
  });
}

export function fresh(work, name) {
  const folder = join(work, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** So many seconds of a film, again and again where it is shorter, as a film of its own: its path. */
export function filmOf(from, sec, work) {
  const film = join(work, 'film.mp4');
  const part = ['-stream_loop', '-1', '-i', from, '-t', `${sec}`, '-map', '0:v', '-map', '0:a', '-c', 'copy', film];
  spawnSync(FFMPEG[0], [...FFMPEG.slice(1), ...part], { stdio: 'inherit' });
  return film;
}

/** The medians of each candidate's runs. */
const mediansOf = (candidates, rounds) =>
  candidates.map(({ name }, i) => {
    const middle = (key) => median(rounds.map((runs) => runs[i][key]));
    return { name, wallSec: middle('wallSec'), cpuSec: middle('cpuSec'), peakMb: middle('peakMb') };
  });

/** Candidates one after the other in each round, so that what else the machine does meets all of them. */
export async function interleaved(candidates, count, place) {
  const rounds = [];
  for (let round = 0; round < count; round += 1) {
    const runs = [];
    for (const { command } of candidates) runs.push(await measure(command(fresh(place.work, 'o')), place));
    rounds.push(runs);
  }
  return mediansOf(candidates, rounds);
}

export const SLICE_MS = 2000;

/** Of what several processes hold in common, such as libraries, each has its part: MB. */
const heldMb = (rows) =>
  rows.reduce((sum, { pid }) => sum + Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0), 0) /
  1000;

/** A command that stands still until it has its turn. */
function standing({ name, command }, n, { work, env }) {
  const out = join(work, `turn${n}`);
  const script = `kill -STOP $$; ${TIMED} { ${command(fresh(work, `o${n}`))} ; } >${out}.out 2>${out}.err`;
  const child = spawn('bash', ['-c', script], { env, cwd: work, stdio: ['ignore', 'ignore', 'pipe'] });
  const run = { name, child, wallSec: 0, cpuSec: 0, peakMb: 0, code: undefined, said: '' };
  child.stderr.on('data', (chunk) => {
    run.said += chunk;
  });
  run.ended = new Promise((done) => {
    child.on('close', (code) => {
      run.code = code;
      run.why = code === 0 ? '' : read(`${out}.err`);
      done();
    });
  });
  return run;
}

function signalAll(root, signal) {
  for (const { pid } of processesBelow(root)) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has just ended.
    }
  }
}

/** Two seconds of a candidate, or less where it ends. */
async function slice(run) {
  const startedMs = performance.now();
  signalAll(run.child.pid, 'SIGCONT');
  await Promise.race([run.ended, new Promise((done) => setTimeout(done, SLICE_MS))]);
  if (run.code === undefined) signalAll(run.child.pid, 'SIGSTOP');
  run.wallSec += (performance.now() - startedMs) / 1000;
  // While it stands still it is not disturbed.
  run.peakMb = Math.max(run.peakMb, heldMb(processesBelow(run.child.pid)));
}

async function abreastOnce(candidates, place) {
  const runs = candidates.map((one, n) => standing(one, n, place));
  // There and back: the first of a turn is the last of the next one.
  for (let left = runs; left.length > 0; left = left.filter(({ code }) => code === undefined).reverse())
    for (const run of left) await slice(run);
  for (const run of runs) {
    if (run.code !== 0) throw new Error(`${run.name}\n${run.why}`);
    const [, user, system] = timesOf(run.said);
    run.cpuSec = user + system;
  }
  return runs;
}

/**
 * Candidates abreast: in each round all of them run, but each has the machine for two seconds and stands still while the others have
 * theirs, so that they meet alike what else the machine does and how fast it is just then, which is more than what lies between them.
 * Wall time is that of their turns; memory is looked at when they end.
 */
export async function abreast(candidates, count, place) {
  const rounds = [];
  for (let round = 0; round < count; round += 1) rounds.push(await abreastOnce(candidates, place));
  return mediansOf(candidates, rounds);
}

export const percent = (ratio) => `${ratio >= 1 ? '+' : '−'}${Math.abs((ratio - 1) * 100).toFixed(1)} %`;
