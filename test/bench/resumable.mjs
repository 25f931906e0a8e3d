// What long benchmarks share: cases that are done are kept, so that the next run goes on where this one was stopped.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const MEDIA = process.env.SG_EXPORT_TEST_MEDIA ?? join(ROOT, '../shared/media');
const BIN = join(ROOT, 'bin/sg-export.js');

/** A list out of the environment: `SG_EXPORT_BENCH_CODECS=h264,av1`. */
export const listFrom = (name, otherwise) => process.env[`SG_EXPORT_BENCH_${name}`]?.split(',') ?? otherwise;

/** The clips of the manifest that are whole, have a picture and are not excepted. Names may be given by their beginnings. */
export function benchClips() {
  const manifest = join(MEDIA, 'manifest.json');
  if (!existsSync(manifest))
    throw new Error(`there are no clips in ${MEDIA}: SG_EXPORT_TEST_MEDIA names another folder`);
  const wanted = listFrom('CLIPS', undefined);
  return JSON.parse(readFileSync(manifest, 'utf8'))
    .filter(({ file, decode, video }) => video.length > 0 && decode.exit === 0 && !file.startsWith('broken'))
    .filter(({ file }) => !wanted || wanted.some((begin) => file.startsWith(begin)))
    .sort((a, b) => a.bytes - b.bytes);
}

/** Runs sg-export; its last line of JSON. Throws what it said where it fails. */
export function sg(args, env) {
  const run = spawnSync(process.execPath, [BIN, ...args, '--json'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, SG_EXPORT_HW: 'off', ...env },
  });
  const line = run.stdout.trim().split('\n').at(-1);
  if (run.status !== 0) throw new Error(`${args.join(' ')}: ${line || run.stderr}`);
  return JSON.parse(line);
}

/**
 * Goes through the cases that are not done, until SG_EXPORT_BENCH_SECONDS are over (default: all of them), and returns all
 * rows. SG_EXPORT_BENCH_STATE names the folder that keeps them.
 */
export function resume(name, cases, measure) {
  const folder = process.env.SG_EXPORT_BENCH_STATE ?? join(ROOT, 'node_modules/.cache/sg-export/bench');
  const file = join(folder, `${name}.jsonl`);
  mkdirSync(dirname(file), { recursive: true });
  const rows = existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((row) => JSON.parse(row))
    : [];
  const done = new Set(rows.map(({ id }) => id));
  const end = performance.now() + 1000 * Number(process.env.SG_EXPORT_BENCH_SECONDS ?? Number.POSITIVE_INFINITY);
  for (const one of cases) {
    if (done.has(one.id)) continue;
    if (performance.now() > end) break;
    process.stderr.write(`${one.id}\n`);
    const row = { id: one.id, ...measure(one, folder) };
    appendFileSync(file, `${JSON.stringify(row)}\n`);
    rows.push(row);
  }
  return { rows, left: cases.filter(({ id }) => !rows.some((row) => row.id === id)).length };
}

export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The middle one, or between the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
