// Measures a package of HLS against the one command that people write by hand for the same rungs.
// npm run bench:package [-- --quick] [-- --sec 60 --rounds 3 --thumbnails]. Only a run without words writes PACKAGE.md.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MEDIA, ROOT } from './resumable.mjs';
import { abreast, FFMPEG, filmOf, fresh, loadNow, machine, measure, percent, quoted, SLICE_MS } from './turns.mjs';

const BIN = join(ROOT, 'bin/sg-export.js');
const FILM = join(MEDIA, 'bbb_1080p25_aac51_15s.mp4');
const WORDS = process.argv.slice(2);
const QUICK = WORDS.includes('--quick');
const asked = (name, otherwise) => Number(WORDS[WORDS.indexOf(`--${name}`) + 1] ?? otherwise) || otherwise;
const SEC = asked('sec', QUICK ? 2 : 60);
const ROUNDS = asked('rounds', QUICK ? 1 : 3);
const work = mkdtempSync(join(tmpdir(), 'sg-export-bench-'));
const env = { ...process.env, SG_EXPORT_DB: join(work, 'history.db'), SG_EXPORT_HW: 'off' };
const place = { work, env };
const lines = [];
const say = (text) => {
  lines.push(text);
  process.stdout.write(`${text}\n`);
};

/** Apple's rates of these sizes: what sg-export takes of itself. */
const RUNGS = [
  { width: 1920, height: 1080, kbps: 7800 },
  { width: 1280, height: 720, kbps: 4500 },
  { width: 960, height: 540, kbps: 2000 },
  { width: 640, height: 360, kbps: 365 },
];
const FPS = 25;

const ladder = (folder, ...flags) =>
  quoted([
    ...[process.execPath, BIN, 'multi', join(work, 'film.mp4'), '--ladder', 'hls', '--quality', 'medium', '-q'],
    ...[
      '--rungs',
      RUNGS.map(({ height, kbps }) => `${height}p:${kbps}k`).join(','),
      '--output-folder',
      folder,
      ...flags,
    ],
  ]);

/** One decode, one split, one scaler and one encoder for each rung, sound twice, and ffmpeg's own muxer. */
function byHand(folder) {
  const parts = RUNGS.map((_, n) => `[s${n}]`).join('');
  const scales = RUNGS.map(({ width, height }, n) => `[s${n}]scale=${width}:${height}:flags=bicubic[v${n}]`);
  const rates = RUNGS.flatMap(({ kbps }, n) => [`-maxrate:v:${n}`, `${kbps}k`, `-bufsize:v:${n}`, `${2 * kbps}k`]);
  const keys = ['-g', 2 * FPS, '-keyint_min', 2 * FPS, '-sc_threshold', 0];
  const group = [...RUNGS.map((_, n) => `v:${n},agroup:s`), 'a:0,agroup:s,default:yes', 'a:1,agroup:s'].join(' ');
  return quoted([
    ...[...FFMPEG, '-i', join(work, 'film.mp4'), '-filter_complex'],
    [`[0:v]split=${RUNGS.length}${parts}`, ...scales].join(';'),
    ...[...RUNGS.flatMap((_, n) => ['-map', `[v${n}]`]), '-map', '0:a', '-map', '0:a'],
    ...['-c:v', 'libx264', '-preset', 'medium', '-crf', '23', ...rates, ...keys],
    ...['-c:a', 'aac', '-ac:a:0', '2', '-b:a:0', '160k', '-b:a:1', '320k'],
    ...['-f', 'hls', '-hls_time', '6', '-hls_playlist_type', 'vod', '-hls_segment_type', 'fmp4'],
    ...['-hls_segment_filename', join(folder, 'r%v/%05d.m4s'), '-master_pl_name', 'master.m3u8'],
    ...['-var_stream_map', group, join(folder, 'r%v/p.m3u8')],
  ]);
}

/** The first makes what the last makes; thumbnails are what a package has beyond it by default. */
const CANDIDATES = [
  {
    name: 'sg-export multi --ladder hls --no-thumbnail-track',
    command: (folder) => ladder(folder, '--no-thumbnail-track'),
  },
  ...(WORDS.includes('--thumbnails')
    ? [{ name: 'the same with thumbnails', command: (folder) => ladder(folder) }]
    : []),
  { name: 'one ffmpeg, by hand', command: byHand },
];

say('# Benchmark of packages for streaming\n');
if (!existsSync(FILM)) {
  say(`Skipped: ${FILM} is not there (SG_EXPORT_TEST_MEDIA names another folder).`);
  process.exit(0);
}
say(
  `\`npm run bench:package${WORDS.length > 0 ? ` -- ${WORDS.join(' ')}` : ''}\`, ${new Date().toISOString().slice(0, 10)}, ${machine([['ffmpeg', ['-version']]])}. ${ROUNDS === 1 ? 'One round' : `Medians of ${ROUNDS} rounds`}, in which the candidates take turns of ${SLICE_MS / 1000} s while the others stand still, so that all meet the same machine. Memory is what all processes hold, looked at after each turn, with shared libraries counted once. Load of the machine at the start: ${loadNow()}.`,
);
say(
  `\nThe source is ${SEC} s of ${FILM.split('/').at(-1)}, again and again where that is shorter (H.264, 1080p, 25 fps, 5.1 sound); the package has ${RUNGS.length} rungs in H.264 (x264 medium, CRF 23 under a maximum), stereo and 5.1. sg-export looks at head and tail of each rung, judges the whole folder before it exists, writes I-frame playlists and measures what the playlists say; the command by hand does not, and makes no thumbnails. What is looked up once for a machine (what its ffmpeg can do, what decoding costs) is known from a run before.\n`,
);
try {
  filmOf(FILM, SEC, work);
  await measure(ladder(fresh(work, 'before'), '--duration', '2', '--speed', 'ultrafast'), place);
  const runs = await abreast(CANDIDATES, ROUNDS, place);
  const hand = runs.at(-1);
  say('| what | wall s | CPU s | peak MB | beside the command by hand: wall | CPU | memory |');
  say('| --- | --- | --- | --- | --- | --- | --- |');
  for (const run of runs) {
    const { name, wallSec, cpuSec, peakMb } = run;
    const beside = ['wallSec', 'cpuSec', 'peakMb'].map((key) => (run === hand ? '' : percent(run[key] / hand[key])));
    say(`| ${name} | ${wallSec.toFixed(2)} | ${cpuSec.toFixed(2)} | ${peakMb.toFixed(0)} | ${beside.join(' | ')} |`);
  }
  if (WORDS.length === 0) writeFileSync(join(ROOT, 'test/bench/PACKAGE.md'), `${lines.join('\n')}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
