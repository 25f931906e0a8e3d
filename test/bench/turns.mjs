// What the benchmarks of whole runs share: candidates that take turns, each measured with all its processes.
// CPU seconds are user + system of all processes; memory is the highest sum of what they hold (RSS), looked at ten times a second.
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

/** Memory of a process and all below it, in MB; and that of the node process alone. */
function memoryBelow(root) {
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
  const own = rows.filter(({ pid }) => inside.has(pid));
  const mb = (list) => (list.reduce((sum, { pages }) => sum + pages, 0) * 4096) / 1e6;
  return { all: mb(own), node: mb(own.filter(({ name }) => /^(node|MainThread|sg-export)/.test(name))) };
}

/** Runs a shell command to its end in a folder: wall and CPU seconds of it and all its children, as bash's `time` counts them, and the peak of memory. */
export function measure(command, { work, env }) {
  return new Promise((done, failed) => {
    const child = spawn('bash', ['-c', `TIMEFORMAT='%R %U %S'; time { ${command} ; } >${work}/out 2>${work}/err`], {
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
      const [wallSec, user, system] = said.trim().split('\n').at(-1).split(' ').map(Number);
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

/** Candidates one after the other in each round, so that what else the machine does meets all of them. */
export async function interleaved(candidates, rounds, place) {
  const seen = candidates.map(() => []);
  for (let round = 0; round < rounds; round += 1)
    for (const [i, { command }] of candidates.entries())
      seen[i].push(await measure(command(fresh(place.work, 'o')), place));
  return candidates.map(({ name }, i) => ({
    name,
    wallSec: median(seen[i].map((run) => run.wallSec)),
    cpuSec: median(seen[i].map((run) => run.cpuSec)),
    peakMb: median(seen[i].map((run) => run.peakMb)),
  }));
}

export const percent = (ratio) => `${ratio >= 1 ? '+' : '−'}${Math.abs((ratio - 1) * 100).toFixed(1)} %`;
