// Measures `multi` against what people would run in its place, and many small exports.
// npm run bench:multi [-- --quick] [-- --sec 4 --rounds 3 --small 200 --only H.264|H.265|small]. Only a run without words writes MULTI.md.
// CPU seconds are user + system of all processes; memory is the highest sum of what they hold (RSS), looked at ten times a second.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MEDIA, median, ROOT } from './resumable.mjs';
import { FFMPEG, filmOf, fresh, has, interleaved, loadNow, machine, measure, percent, quoted } from './turns.mjs';

const BIN = join(ROOT, 'bin/sg-export.js');
const FILM = join(MEDIA, 'bbb_1080p25_aac51_15s.mp4');
const ONLY = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined;
const QUICK = process.argv.includes('--quick');
const WORDS = process.argv.slice(2);
const asked = (name, otherwise) => Number(WORDS[WORDS.indexOf(`--${name}`) + 1] ?? otherwise) || otherwise;
const SEC = asked('sec', QUICK ? 1 : 15);
const ROUNDS = asked('rounds', QUICK ? 1 : 3);
const SMALL = asked('small', QUICK ? 20 : 200);
const work = mkdtempSync(join(tmpdir(), 'sg-export-bench-'));
const env = { ...process.env, SG_EXPORT_DB: join(work, 'history.db'), SG_EXPORT_HW: 'off' };
const place = { work, env };
const lines = [];
const say = (text) => {
  lines.push(text);
  process.stdout.write(`${text}\n`);
};
// The same encoders, sizes, qualities, speeds, sound and distance of keyframes (2 s) for all of them.
const GOP = 50;
const ENCODERS = {
  h264: {
    args: ['-c:v', 'libx264', '-preset', 'medium', '-crf', '23', '-g', `${GOP}`],
    brake: ['x264', '--encoder-preset', 'medium', '-q', '23', '-x', `keyint=${GOP}`],
    ext: 'mp4',
  },
  h265: {
    args: [
      '-c:v',
      'libx265',
      '-preset',
      'medium',
      '-crf',
      '25',
      '-tag:v',
      'hvc1',
      '-x265-params',
      `log-level=error:keyint=${GOP}`,
    ],
    brake: ['x265', '--encoder-preset', 'medium', '-q', '25', '-x', `keyint=${GOP}`],
    ext: 'mp4',
  },
  vp9: {
    args: [
      '-c:v',
      'libvpx-vp9',
      '-deadline',
      'good',
      '-cpu-used',
      '3',
      '-row-mt',
      '1',
      '-b:v',
      '0',
      '-crf',
      '32',
      '-g',
      `${GOP}`,
    ],
    brake: ['VP9', '--encoder-preset', 'medium', '-q', '32', '-x', `g=${GOP}`],
    ext: 'webm',
  },
};
const SIZES = { 1080: 1920, 720: 1280, 480: 854, 360: 640 };
const LADDERS = [
  [
    'H.264: 1080p, 720p, 480p, 360p',
    [
      ['h264', 1080],
      ['h264', 720],
      ['h264', 480],
      ['h264', 360],
    ],
  ],
  [
    'H.265 at 1080p and 720p, VP9 at 480p and 360p',
    [
      ['h265', 1080],
      ['h265', 720],
      ['vp9', 480],
      ['vp9', 360],
    ],
  ],
];

const sound = (ext) =>
  ext === 'webm'
    ? ['-c:a', 'libopus', '-b:a', '510k', '-mapping_family', '1', '-af', 'aformat=channel_layouts=5.1']
    : ['-c:a', 'aac', '-b:a', '512k', '-movflags', '+faststart'];
const outputOf = (folder, [codec, height]) => join(folder, `${codec}_${height}.${ENCODERS[codec].ext}`);

function rawCommand(film, folder, rung) {
  const [codec, height] = rung;
  const { args, ext } = ENCODERS[codec];
  const scale = ['-vf', `scale=${SIZES[height]}:${height}:flags=bicubic`];
  return quoted([...FFMPEG, '-i', film, ...scale, ...args, ...sound(ext), outputOf(folder, rung)]);
}

function splitCommand(film, folder, rungs) {
  const parts = rungs.map((_, n) => `[s${n}]`).join('');
  const scales = rungs.map(([, height], n) => `[s${n}]scale=${SIZES[height]}:${height}:flags=bicubic[v${n}]`);
  const outputs = rungs.flatMap((rung, n) => {
    const { args, ext } = ENCODERS[rung[0]];
    return ['-map', `[v${n}]`, '-map', '0:a', ...args, ...sound(ext), outputOf(folder, rung)];
  });
  const graph = [`[0:v]split=${rungs.length}${parts}`, ...scales].join(';');
  return quoted([...FFMPEG, '-i', film, '-filter_complex', graph, ...outputs]);
}

function brakeCommand(film, folder, rung) {
  const [codec, height] = rung;
  const { brake, ext } = ENCODERS[codec];
  const shape = ['-w', SIZES[height], '-l', height, '--crop', '0:0:0:0', '--non-anamorphic'];
  const tracks = [
    '-E',
    ext === 'webm' ? 'opus' : 'av_aac',
    '--mixdown',
    '5point1',
    '-B',
    ext === 'webm' ? '510' : '512',
  ];
  return quoted(['HandBrakeCLI', '-i', film, '-o', outputOf(folder, rung), '-e', ...brake, ...shape, ...tracks]);
}

const multiCommand = (film, folder, rungs, ...flags) =>
  quoted([
    ...[
      process.execPath,
      BIN,
      'multi',
      film,
      ...rungs.flatMap(([codec, height]) => ['--export', `${codec}:${height}p:medium`]),
    ],
    ...['--output-folder', folder, '-q', ...flags],
  ]);

async function ladder(title, rungs, film) {
  say(`\n## ${title}\n`);
  const raw = (folder) => rungs.map((rung) => rawCommand(film, folder, rung));
  const candidates = [
    { name: 'sg-export multi', command: (o) => multiCommand(film, o, rungs) },
    { name: 'sg-export multi --no-share', command: (o) => multiCommand(film, o, rungs, '--no-share') },
    { name: '4 × ffmpeg, one after the other', command: (o) => raw(o).join(' && ') },
    {
      name: '4 × ffmpeg, three at once',
      command: (o) => `printf '%s\\0' ${quoted(raw(o))} | xargs -0 -P 3 -n 1 bash -c`,
    },
    { name: 'one ffmpeg with split', command: (o) => splitCommand(film, o, rungs) },
    ...(has('HandBrakeCLI')
      ? [{ name: 'HandBrakeCLI × 4', command: (o) => rungs.map((rung) => brakeCommand(film, o, rung)).join(' && ') }]
      : []),
  ];
  if (!has('HandBrakeCLI')) say('HandBrakeCLI is not installed here, and left out.\n');
  const [ours, ...others] = await interleaved(candidates, ROUNDS, place);
  say('| what | wall s | CPU s | peak MB | sg-export multi: wall | CPU |\n| --- | --- | --- | --- | --- | --- |');
  for (const { name, wallSec, cpuSec, peakMb } of [ours, ...others]) {
    const beside = name === ours.name ? ' | ' : `${percent(ours.wallSec / wallSec)} | ${percent(ours.cpuSec / cpuSec)}`;
    say(`| ${name} | ${wallSec.toFixed(2)} | ${cpuSec.toFixed(2)} | ${peakMb.toFixed(0)} | ${beside} |`);
  }
}

async function smallExports() {
  say(`\n## ${SMALL} small exports in one call\n`);
  const film = join(work, 'small.mp4');
  const made = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=1', '-f', 'lavfi', '-i', 'sine=d=1'];
  spawnSync(FFMPEG[0], [...FFMPEG.slice(1), ...made, '-c:v', 'libx264', '-pix_fmt', 'yuv420p', film]);
  const exports = Array.from({ length: SMALL }, (_, n) => ({
    codec: 'h264',
    crf: 20 + n / 10,
    filename_suffix: `_${n}`,
  }));
  writeFileSync(join(work, 'job.json'), JSON.stringify({ exports, speed: 'ultrafast', resolution: '160x90' }));
  const words = (folder, ...flags) =>
    quoted([
      process.execPath,
      BIN,
      'multi',
      film,
      '--job',
      join(work, 'job.json'),
      '--output-folder',
      folder,
      '-q',
      ...flags,
    ]);
  const script = join(work, 'raw.sh');
  const dry = spawnSync('bash', ['-c', words(fresh(work, 'o'), '--dry-run')], {
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  writeFileSync(script, dry.stdout);
  fresh(work, 'o');
  const raw = await measure(`sh -e ${script}`, place);
  say(
    '| what | wall s | CPU s | ms for each export | beyond ffmpeg alone | sg-export’s memory after a quarter, at the end, MB |\n| --- | --- | --- | --- | --- | --- |',
  );
  const each = (sec) => ((sec / SMALL) * 1000).toFixed(0);
  say(
    `| its ffmpeg commands, one after the other (\`--dry-run\`) | ${raw.wallSec.toFixed(1)} | ${raw.cpuSec.toFixed(1)} | ${each(raw.wallSec)} | | |`,
  );
  for (const flags of [['--parallel', '1', '--verify', 'off'], ['--parallel', '1'], []]) {
    const run = await measure(words(fresh(work, 'o'), ...flags), place);
    const node = run.memory.map((one) => one.node).filter((mb) => mb > 0);
    const at = (part) =>
      median(node.slice(Math.floor(node.length * part) - 5, Math.floor(node.length * part) + 1)).toFixed(0);
    say(
      `| \`multi ${flags.join(' ')}\` | ${run.wallSec.toFixed(1)} | ${run.cpuSec.toFixed(1)} | ${each(run.wallSec)} | ${each(run.wallSec - raw.wallSec)} ms | ${at(0.25)}, ${at(0.97)} |`,
    );
  }
}

say('# Benchmark of `multi`\n');
const programs = [['ffmpeg', ['-version']], ...(has('HandBrakeCLI') ? [['HandBrakeCLI', ['--version']]] : [])];
say(
  `\`npm run bench:multi${WORDS.length > 0 ? ` -- ${WORDS.join(' ')}` : ''}\`, ${new Date().toISOString().slice(0, 10)}, ${machine(programs)}. ${ROUNDS === 1 ? 'One round.' : `Medians of ${ROUNDS} rounds, in which the candidates take turns.`} Load of the machine at the start: ${loadNow()}.`,
);
try {
  if (existsSync(FILM)) {
    const film = filmOf(FILM, SEC, work);
    say(
      `\nThe source is ${SEC} s of ${FILM.split('/').at(-1)}, again and again where that is shorter (H.264, 1080p, 25 fps, 5.1 sound). sg-export verifies each output before it exists; the others do not.`,
    );
    for (const [title, rungs] of LADDERS.filter(([name]) => name.startsWith(ONLY ?? '')))
      await ladder(title, rungs, film);
  } else say(`\nLadders: skipped, ${FILM} is not there.`);
  if ((ONLY ?? 'small') === 'small') await smallExports();
  if (WORDS.length === 0) writeFileSync(join(ROOT, 'test/bench/MULTI.md'), `${lines.join('\n')}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
