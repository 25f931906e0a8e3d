// Renditions of one decode, each scaled from the source against each from the smallest larger one: processor time and SSIM.
// node test/bench/cascade.mjs [--sec 2] [--rounds 3]
// SSIM is that of the scaled picture, brought back to the source's size, against the source: nothing is encoded for it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MEDIA =
  process.env.SG_EXPORT_TEST_MEDIA ?? join(fileURLToPath(new URL('../../', import.meta.url)), '../shared/media');
const WORDS = process.argv.slice(2);
const asked = (name, otherwise) => Number(WORDS[WORDS.indexOf(`--${name}`) + 1] ?? otherwise) || otherwise;
const SEC = asked('sec', 2);
const ROUNDS = asked('rounds', 3);
/** A drawn film, a screen with text, and one from a camera. */
const CLIPS = ['bbb_1080p25_aac51_15s.mp4', 'screenrec_xstudio_1080p_vp9.webm', 'butterfly_720p_2997_stereo.mp4'];
const HEIGHTS = [720, 480, 360];
const FLAGS = 'bicubic+accurate_rnd+full_chroma_int';
const FFMPEG = ['ffmpeg', '-hide_banner', '-nostdin', '-y'];
const X264 = ['-c:v', 'libx264', '-preset', 'medium', '-crf', '23'];

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const quoted = (argv) => argv.map((word) => `'${String(word).replaceAll("'", `'\\''`)}'`).join(' ');
const percent = (part, whole) => `${((part / whole) * 100).toFixed(1)} %`;
const signed = (value) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(5)}`;

/** Processor seconds of a command and its children. */
function cpuSec(argv) {
  const script = `TIMEFORMAT='%U %S'; time { ${quoted(argv)} >/dev/null 2>&1 || echo failed >&2; }`;
  const { stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  if (stderr.includes('failed')) throw new Error(argv.join(' '));
  const [user, system] = stderr.trim().split(' ').map(Number);
  return user + system;
}

function shapeOf(film) {
  const show = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'stream=width,height', '-of', 'csv=p=0'];
  const [width, height] = spawnSync('ffprobe', [...show, film], { encoding: 'utf8' })
    .stdout.trim()
    .split(',')
    .map(Number);
  const rungs = HEIGHTS.filter((one) => one < height);
  return {
    width,
    height,
    rungs: rungs.map((one) => ({ width: 2 * Math.round((one * width) / height / 2), height: one })),
  };
}

const scaled = ({ width, height }) => `scale=${width}:${height}:flags=${FLAGS}`;

/** Each rung from the source; `source` is the label of a copy of the source for the ladder's top, where there is one. */
function direct(rungs, source) {
  const parts = [...(source ? [source] : []), ...rungs.map((_, n) => `[s${n}]`)];
  return [`[0:v]split=${parts.length}${parts.join('')}`, ...rungs.map((rung, n) => `[s${n}]${scaled(rung)}[v${n}]`)];
}

/** Each rung from the one above it. */
function cascaded(rungs, source) {
  const steps = rungs.map((rung, n) => {
    const from = n === 0 ? (source ? '[s]' : '[0:v]') : `[t${n - 1}]`;
    return `${from}${scaled(rung)}${n < rungs.length - 1 ? `,split=2[v${n}][t${n}]` : `[v${n}]`}`;
  });
  return [...(source ? [`[0:v]split=2${source}[s]`] : []), ...steps];
}

const command = (film, graph, labels, output) => [
  ...FFMPEG,
  ...['-t', `${SEC}`, '-i', film, '-filter_complex', graph.join(';')],
  ...labels.flatMap((label) => ['-map', label, ...output, '-f', 'null', '-']),
];

/** SSIM against the source of a rung scaled from the source, and by way of larger rungs. */
function quality(film, { width, height }, rung, way) {
  const back = scaled({ width, height });
  const graph = [
    '[0:v]split=4[r0][r1][a][b]',
    `[a]${scaled(rung)},${back}[direct]`,
    `[b]${[...way, rung].map(scaled).join(',')},${back}[cascaded]`,
    '[direct][r0]ssim[x]',
    '[cascaded][r1]ssim[y]',
  ];
  const { stderr } = spawnSync(FFMPEG[0], command(film, graph, ['[x]', '[y]'], []).slice(1), { encoding: 'utf8' });
  const found = [...stderr.matchAll(/Parsed_ssim_(\d+).* All:([\d.]+)/g)].map(([, at, all]) => [at, all].map(Number));
  const [[, fromSource], [, byWay]] = found.sort(([one], [other]) => one - other);
  return { fromSource, byWay };
}

/** The ways to a rung: from each larger one alone, and through all of them. */
function waysTo(rungs, at) {
  const above = rungs.slice(0, at);
  return [...above.map((one) => [one]), ...(above.length > 1 ? [above] : [])];
}

/** Medians of rounds in which the candidates take turns. */
function times(candidates) {
  const seen = candidates.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [at, argv] of candidates.entries()) seen[at].push(cpuSec(argv));
  return seen.map(median);
}

const say = (text) => process.stdout.write(`${text}\n`);
say(
  `\`node test/bench/cascade.mjs${WORDS.length > 0 ? ` ${WORDS.join(' ')}` : ''}\`, ${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0].model.trim()}, load ${loadavg()[0].toFixed(1)} at the start: the first ${SEC} s of each, medians of ${ROUNDS} rounds, CPU seconds.\n`,
);
const rows = { cost: [], quality: [] };
for (const name of CLIPS) {
  const film = join(MEDIA, name);
  if (!existsSync(film)) {
    say(`${name}: skipped, ${film} is not there.`);
    continue;
  }
  const shape = shapeOf(film);
  const { rungs } = shape;
  const labels = rungs.map((_, n) => `[v${n}]`);
  const [decode, one, other, encode, encodeOther] = times([
    [...FFMPEG, '-t', `${SEC}`, '-i', film, '-map', '0:v', '-f', 'null', '-'],
    command(film, direct(rungs), labels, []),
    command(film, cascaded(rungs), labels, []),
    command(film, direct(rungs, '[src]'), ['[src]', ...labels], X264),
    command(film, cascaded(rungs, '[src]'), ['[src]', ...labels], X264),
  ]);
  rows.cost.push(
    `| ${name} | ${decode.toFixed(2)} | ${(one - decode).toFixed(2)} | ${(other - decode).toFixed(2)} | ${percent(other - decode, one - decode)} | ${encode.toFixed(2)} | ${encodeOther.toFixed(2)} | ${percent(one - other, encode)} |`,
  );
  for (const [at, rung] of rungs.entries()) {
    for (const way of waysTo(rungs, at)) {
      const { fromSource, byWay } = quality(film, shape, rung, way);
      const isEqual = Math.abs(byWay - fromSource) <= 0.0005;
      rows.quality.push(
        `| ${name} | ${rung.height} | ${way.map(({ height }) => height).join(', ')} | ${fromSource.toFixed(5)} | ${byWay.toFixed(5)} | ${signed(byWay - fromSource)} | ${isEqual ? 'yes' : 'no'} |`,
      );
    }
  }
}
say(
  '| film | decode | scaling from the source | from the one above | of it | ladder, x264 medium | cascaded | saved by scaling, of the ladder |',
);
say('| --- | --- | --- | --- | --- | --- | --- | --- |');
say(`${rows.cost.join('\n')}\n`);
say('| film | rung | by way of | SSIM from the source | by that way | difference | within 0.0005 |');
say('| --- | --- | --- | --- | --- | --- | --- |');
say(rows.quality.join('\n'));
