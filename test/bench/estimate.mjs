// How near estimates come: all clips × codecs × levels, by arithmetic and by samples, each against the export itself.
//   npm run bench:estimate
// Goes on where it was stopped. SG_EXPORT_BENCH_CLIPS, _CODECS, _LEVELS (lists), _RESOLUTION, _SPEED and _SECONDS limit it, _STATE keeps it.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchClips, listFrom, MEDIA, median, quantile, ROOT, resume, sg } from './resumable.mjs';
import { filmOf } from './turns.mjs';

const RESULT = join(ROOT, 'test/bench/ESTIMATE.md');
const RESOLUTION = process.env.SG_EXPORT_BENCH_RESOLUTION ?? 'source';
const SPEED = process.env.SG_EXPORT_BENCH_SPEED;
const CODECS = listFrom('CODECS', ['h264', 'h265', 'vp9', 'av1']);
const LEVELS = listFrom('LEVELS', ['draft', 'medium', 'ultra']);
const work = mkdtempSync(join(tmpdir(), 'sg-export-bench-'));

/** Long films are rare among the clips: parts of them are films of their own, as the other clips' scenes are, and so is one that is shown again and again. */
const LONG_SEC = 120;
const PART_SEC = 62;
const AGAIN_SEC = 600;
const AGAIN_LEVEL = 'medium';
const partsOf = ({ file, duration }) =>
  Number(duration) < LONG_SEC
    ? [{ file, name: file, flags: [], sec: Number(duration) }]
    : [
        { file, name: file, flags: [], sec: Number(duration) },
        { file, name: `${file}, again and again for ${AGAIN_SEC} s`, flags: [], sec: AGAIN_SEC, again: true },
        { file, name: `${file}, first ${PART_SEC} s`, flags: ['--duration', `${PART_SEC}`], sec: PART_SEC },
        {
          file,
          name: `${file}, last ${PART_SEC} s`,
          flags: ['--start', `${Math.floor(Number(duration)) - PART_SEC}`, '--duration', `${PART_SEC}`],
          sec: PART_SEC,
        },
      ];

function casesOf(clips) {
  const all = clips.flatMap(partsOf);
  return LEVELS.flatMap((level) =>
    CODECS.flatMap((codec) =>
      all
        .filter(({ again }) => !again || level === AGAIN_LEVEL)
        .map((part) => ({
          ...part,
          codec,
          level,
          id: [part.name, codec, level, RESOLUTION, SPEED ?? 'its own'].join(' | '),
        })),
    ),
  );
}

/** One export with what was said before it. The database goes on from case to case, so that estimates learn as they do for a user. */
function measure({ file, flags, codec, level, again, sec }, folder) {
  const out = join(work, 'o.mkv');
  rmSync(out, { force: true });
  const db = ['--db', join(folder, 'estimate.db')];
  const speed = SPEED ? ['--speed', SPEED] : [];
  const size = RESOLUTION === 'source' ? [] : ['--resolution', RESOLUTION];
  const asked = [
    again ? filmOf(join(MEDIA, file), sec, work) : join(MEDIA, file),
    '-o',
    out,
    '--codec',
    codec,
    '--quality',
    level,
    ...size,
    ...speed,
    ...flags,
    ...db,
  ];
  const rough = sg(['estimate', ...asked, '--no-cache']);
  const sampled = sg(['estimate', ...asked, '--sample', '--no-cache']);
  const { duration } = sg(['export', ...asked, '--overwrite', '--verify', 'fast']);
  return { codec, level, rough, sampled, bytes: statSync(out).size, tookSec: duration };
}

const percent = (value) => (Number.isNaN(value) ? '–' : `${(100 * value).toFixed(1)} %`);
const off = (said, came) => Math.abs(said / came - 1);

const TIME_WITHIN = 0.25;

/** What is told of rows of one kind; `of` says an estimate's MB. */
function accuracy(rows, of) {
  const errors = rows.map((row) => off(of(row) * 1e6, row.bytes));
  return `${percent(median(errors))} | ${percent(quantile(errors, 0.9))}`;
}

const unlearned = (estimate) => estimate.estimated_size_mb / (estimate.learned_from?.size_factor ?? 1);

function line(name, rows) {
  const inside = rows.filter(
    ({ sampled, bytes }) => bytes >= sampled.low_mb * 1e6 * 0.999 && bytes <= sampled.high_mb * 1e6 * 1.001,
  );
  const times = rows.map(({ sampled, tookSec }) => off(sampled.estimated_time_seconds, tookSec));
  const cost = rows.map(({ sampled, tookSec }) => sampled.sampling_seconds / tookSec);
  return `| ${name} | ${rows.length} | ${accuracy(rows, ({ sampled }) => unlearned(sampled))} | ${accuracy(rows, ({ sampled }) => sampled.estimated_size_mb)} | ${percent(inside.length / rows.length)} | ${percent(median(times))} | ${percent(times.filter((one) => one <= TIME_WITHIN).length / times.length)} | ${percent(median(cost))} | ${percent(median(rows.map(({ rough, bytes }) => off(unlearned(rough) * 1e6, bytes))))} | ${percent(median(rows.map(({ rough, bytes }) => off(rough.estimated_size_mb * 1e6, bytes))))} |`;
}

const HEAD = `| | exports | samples: median | nine in ten within | corrected: median | nine in ten within | inside its interval | time: median | within 25 % | cost | arithmetic: median | corrected: median |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |`;

const films = benchClips().flatMap(partsOf);
const isOf = ({ id }, fromSec, toSec) => {
  const { sec } = films.find(({ name }) => id.startsWith(`${name} |`)) ?? {};
  return sec >= fromSec && sec < toSec;
};

const { rows, left } = resume('estimate', casesOf(benchClips()), measure);
rmSync(work, { recursive: true, force: true });
const limits = Object.entries(process.env).filter(
  ([key]) => key.startsWith('SG_EXPORT_BENCH_') && key !== 'SG_EXPORT_BENCH_STATE',
);
const table = (title, kinds) =>
  [
    `## ${title}\n`,
    kinds[0][1].length === 0 ? 'None were measured.' : HEAD,
    ...kinds.filter(([, kind]) => kind.length > 0).map(([name, kind]) => line(name, kind)),
    '',
  ].join('\n');
const sampledRows = rows.filter(({ sampled }) => sampled.method === 'samples');
const wholeRows = rows.filter(({ sampled }) => sampled.method === 'whole');
const byLength = (some) => [
  ['about a minute', some.filter((row) => isOf(row, 0, LONG_SEC))],
  ['about two minutes', some.filter((row) => isOf(row, LONG_SEC, AGAIN_SEC))],
  [`${AGAIN_SEC / 60} minutes`, some.filter((row) => isOf(row, AGAIN_SEC, Number.POSITIVE_INFINITY))],
];
const byKind = (some, lengths = []) => [
  ['all', some],
  ...lengths,
  ...CODECS.map((codec) => [codec, some.filter((row) => row.codec === codec)]),
  ...LEVELS.map((level) => [level, some.filter((row) => row.level === level)]),
];
const text = `# How near estimates come

\`${[...limits.map(([key, value]) => `${key}=${value}`), 'npm run bench:estimate'].join(' ')}\`, ${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0].model.trim()}

${rows.length} exports measured, ${left} left to measure by the same command. Of each export, what \`estimate\` and \`estimate --sample\` said before it, and what
came. Errors are relative to what came; "corrected" is what was said with what the exports before it had taught, in the order of the run; cost is
the samples' share of the export's time. Time and cost depend on what else the machine does.

${table('Sampled: films of more than 45 s', byKind(sampledRows, byLength(sampledRows)))}
${table('Encoded whole: shorter films', byKind(wholeRows))}`;
writeFileSync(RESULT, text);
process.stdout.write(text);
