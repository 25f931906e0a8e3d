// Measures sg-export against the very commands that it runs, and prints ratios.   npm run bench [-- --quick]
// Ratios of medians over interleaved rounds; CPU seconds (user + system, children included) are steadier than wall time.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BIN = join(ROOT, 'bin/sg-export.js');
const MEDIA = process.env.SG_EXPORT_TEST_MEDIA ?? join(ROOT, '../shared/media');
const QUICK = process.argv.includes('--quick');
const ROUNDS = 3;
const work = mkdtempSync(join(tmpdir(), 'sg-export-bench-'));
const env = { ...process.env, SG_EXPORT_DB: join(work, 'history.db'), SG_EXPORT_HW: 'off' };
const lines = [];
const say = (text) => {
  lines.push(text);
  process.stdout.write(`${text}\n`);
};

/** Runs a command to its end: wall and CPU seconds of it and all its children, as bash's `time` counts them. */
function measure(argv) {
  const quoted = argv.map((word) => `'${String(word).replaceAll("'", `'\\''`)}'`).join(' ');
  const run = spawnSync('bash', ['-c', `TIMEFORMAT='%R %U %S'; time ${quoted} >/dev/null 2>${work}/err`], {
    env,
    encoding: 'utf8',
  });
  const times = run.stderr.trim().split('\n').at(-1).split(' ').map(Number);
  if (run.status !== 0) throw new Error(`${argv.join(' ')}\n${readFileSync(join(work, 'err'), 'utf8')}`);
  return { wallSec: times[0], cpuSec: times[1] + times[2] };
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

function interleaved(rounds, candidates) {
  const seen = candidates.map(() => []);
  for (let round = 0; round < rounds; round += 1)
    for (const [i, make] of candidates.entries()) seen[i].push(measure(make()));
  return seen.map((runs) => ({
    wallSec: median(runs.map((r) => r.wallSec)),
    cpuSec: median(runs.map((r) => r.cpuSec)),
  }));
}

const remove = (path) => rmSync(path, { force: true });

/** An ffmpeg that writes down what its encodes take, so that a run tells apart what ffmpeg worked and what sg-export did. */
function timedFfmpeg(times) {
  const path = join(work, 'timed-ffmpeg');
  const { stdout } = spawnSync('which', ['ffmpeg'], { encoding: 'utf8' });
  const program = stdout.trim();
  const script = [
    '#!/bin/bash',
    `case " $* " in *" -progress "*) ;; *) exec ${program} "$@" ;; esac`,
    "TIMEFORMAT='%R %U %S'",
    `{ time ${program} "$@" 2>&3; } 3>&2 2>>${times}`,
  ];
  writeFileSync(path, `${script.join('\n')}\n`, { mode: 0o755 });
  return path;
}

/** What one export takes in all, and beside its encodes. */
function measureExport(argv, times) {
  writeFileSync(times, '');
  const whole = measure(argv);
  const encodes = readFileSync(times, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  const encode = { wallSec: 0, cpuSec: 0 };
  for (const [real, user, system] of encodes) {
    encode.wallSec += real;
    encode.cpuSec += user + system;
  }
  return { whole, encode };
}

const percent = (part) => `${(part * 100).toFixed(1)} %`;

function overhead() {
  const film = join(MEDIA, 'film_360p_nine_scenes.mp4');
  if (!existsSync(film)) return say(`overhead: skipped, ${film} is not there`);
  say('\n## Overhead of an export over the commands that it runs\n');
  say(
    'Beside the encode: what sg-export and its other tools take in the same run, as a part of what the encode takes.\n',
  );
  say(
    '| export | raw CPU s | CPU ratio | raw wall s | wall ratio | beside: CPU s | of the encode | beside: wall s | of the encode |',
  );
  say('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  const cases = [
    // Encodes of more than 30 s on two cores: what is promised is promised of those.
    ['H.264 slow', ['--codec', 'h264', '--speed', 'slow'], 'mp4'],
    ['H.265 fast', ['--codec', 'h265', '--speed', 'fast'], 'mp4'],
    ['copy', ['--codec', 'copy', '--audio-codec', 'copy'], 'mp4'],
    ['ProRes, 10 s', ['--codec', 'prores', '--duration', '10'], 'mov'],
  ];
  const times = join(work, 'times');
  const { stdout: ffprobe } = spawnSync('which', ['ffprobe'], { encoding: 'utf8' });
  const tools = ['--ffmpeg', timedFfmpeg(times), '--ffprobe', ffprobe.trim()];
  for (const [name, flags, extension] of cases) {
    const out = join(work, `o.${extension}`);
    const script = join(work, 'raw.sh');
    remove(out);
    const dry = spawnSync(process.execPath, [BIN, 'export', film, '-o', out, ...flags, '--dry-run'], {
      env,
      encoding: 'utf8',
    });
    writeFileSync(script, dry.stdout);
    const ours = [process.execPath, BIN, 'export', film, '-o', out, ...flags, ...tools, '-q'];
    const [raw, runs] = [[], []];
    for (let round = 0; round < (QUICK ? 1 : ROUNDS); round += 1) {
      remove(out);
      raw.push(measure(['sh', '-e', script]));
      remove(out);
      runs.push(measureExport(ours, times));
    }
    const middle = (list, of) => median(list.map(of));
    const [rawCpu, rawWall] = [middle(raw, (r) => r.cpuSec), middle(raw, (r) => r.wallSec)];
    const beside = (what) => {
      const sec = middle(runs, ({ whole, encode }) => whole[what] - encode[what]);
      return `${sec.toFixed(2)} | ${percent(sec / middle(runs, ({ encode }) => encode[what]))}`;
    };
    say(
      `| ${name} | ${rawCpu.toFixed(2)} | ${(middle(runs, ({ whole }) => whole.cpuSec) / rawCpu).toFixed(3)} | ${rawWall.toFixed(2)} | ${(middle(runs, ({ whole }) => whole.wallSec) / rawWall).toFixed(3)} | ${beside('cpuSec')} | ${beside('wallSec')} |`,
    );
  }
}

function startUp() {
  say('\n## Start-up against bare node (median of interleaved rounds, wall)\n');
  const commands = [
    ['-e', '0'],
    [BIN, '--version'],
    [BIN, '--help'],
    [BIN, 'export', '--help'],
    [BIN, 'codecs', '--json'],
  ];
  const found = interleaved(
    QUICK ? 5 : 15,
    commands.map((args) => () => [process.execPath, ...args]),
  );
  say('| command | seconds | ratio |\n| --- | --- | --- |');
  for (const [i, args] of commands.entries()) {
    const name = args[0] === '-e' ? 'node -e 0' : `sg-export ${args.slice(1).join(' ')}`;
    say(`| ${name} | ${found[i].wallSec.toFixed(3)} | ${(found[i].wallSec / found[0].wallSec).toFixed(2)} |`);
  }
}

/** ffmpeg's own -benchmark tells its peak memory. */
function fourK() {
  say('\n## 4K: frames a second and peak memory of ffmpeg, 25 frames of 3840x2160, medium speed\n');
  const clip = join(work, 'source-4k.mp4');
  spawnSync('ffmpeg', [
    '-v',
    'error',
    '-y',
    '-f',
    'lavfi',
    '-i',
    'mandelbrot=size=3840x2160:rate=25',
    '-t',
    '1',
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
    clip,
  ]);
  say('| codec | frames/s | peak MB | bytes |\n| --- | --- | --- | --- |');
  for (const [codec, extension] of [
    ['h264', 'mp4'],
    ['h265', 'mp4'],
    ['vp9', 'webm'],
    ['av1', 'mp4'],
    ['prores', 'mov'],
    ['dnxhr', 'mov'],
  ]) {
    const out = join(work, `4k.${extension}`);
    remove(out);
    const dry = spawnSync(process.execPath, [BIN, 'export', clip, '-o', out, '--codec', codec, '--dry-run'], {
      env,
      encoding: 'utf8',
    });
    const script = join(work, '4k.sh');
    writeFileSync(script, dry.stdout.replaceAll('-nostats -loglevel warning', '-nostats -loglevel info -benchmark'));
    const run = spawnSync('sh', ['-e', script], { env, encoding: 'utf8' });
    const sec = Number(/rtime=([\d.]+)s/.exec(run.stderr)?.[1]);
    const kb = Number(/maxrss=(\d+)/.exec(run.stderr)?.[1]);
    say(`| ${codec} | ${(25 / sec).toFixed(1)} | ${(kb / 1000).toFixed(0)} | ${statSync(out).size} |`);
  }
}

const first = (program, args) => spawnSync(program, args, { encoding: 'utf8' }).stdout.split('\n')[0];
say('# Benchmark\n');
say(
  `\`npm run bench\`, ${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 1e9)} GB, Node ${process.versions.node}, ${first('ffmpeg', ['-version']).replace(/ Copyright.*/, '')}`,
);
try {
  overhead();
  startUp();
  fourK();
  if (!QUICK) writeFileSync(join(ROOT, 'test/bench/RESULT.md'), `${lines.join('\n')}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
