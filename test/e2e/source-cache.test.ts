import { copyFileSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ffmpeg } from '../support/clips.ts';
import { type LoggedTool, loggingEncoder } from '../support/fake-tools.ts';
import { fresh, ok, resultOf } from '../support/run-cli.ts';

/** What only looks at a source, by what is in its command. */
const LOOKS = { bars: 'cropdetect', fields: 'idet', loudness: 'ebur128', samples: 'framecrc' } as const;

const folder = fresh();
const source = join(folder, 'film.mkv');
let tool: LoggedTool;
let runs = 0;

/** Exports, and counts by kind the looks at this source that ffmpeg was started for. */
async function looksOf(input: string, flags: readonly string[]) {
  const before = tool.calls().length;
  runs += 1;
  const out = join(folder, `out-${runs}.mkv`);
  const args = ['export', input, '-o', out, '--speed', 'ultrafast', '--ffmpeg', tool.path, '--json'];
  const result = resultOf(await ok([...args, '--db', join(folder, 'h.db'), ...flags]));
  const calls = tool
    .calls()
    .slice(before)
    .filter((call) => call.includes(input));
  const count = (word: string): number => calls.filter((call) => call.includes(word)).length;
  const counts = Object.entries(LOOKS).map(([kind, word]) => [kind, count(word)] as const);
  return { counts: Object.fromEntries(counts), settings: result.settings as Readonly<Record<string, unknown>> };
}

const LOOKING = ['--crop', 'auto', '--loudness', '-23', '--fps', '30'];
const NONE = { bars: 0, fields: 0, loudness: 0, samples: 0 };

beforeAll(() => {
  tool = loggingEncoder(folder);
  const picture = 'testsrc2=s=160x64:r=30000/1001:d=4,pad=160:96:0:16,noise=alls=20:allf=t';
  const inputs = [picture, 'sine=f=330:r=48000:d=4'].flatMap((one) => ['-f', 'lavfi', '-i', one]);
  ffmpeg([...inputs, '-c:v', 'mpeg2video', '-q:v', '3', '-flags', '+ildct+ilme', '-top', '1', '-c:a', 'aac', source]);
});

describe('what was found of a source', () => {
  it('is not looked for again, under any name, and decides the same', async () => {
    const first = await looksOf(source, LOOKING);
    expect(first.counts.bars).toBeGreaterThan(3);
    expect(first.counts.fields).toBeGreaterThan(0);
    expect(first.counts.loudness).toBeGreaterThan(0);
    expect(first.settings.crop).toBe('160:64:0:16');
    const again = await looksOf(source, LOOKING);
    expect(again.counts).toEqual(NONE);
    expect(again.settings).toEqual(first.settings);
    const renamed = join(folder, 'renamed.mkv');
    renameSync(source, renamed);
    expect((await looksOf(renamed, LOOKING)).counts).toEqual(NONE);
    renameSync(renamed, source);
  });

  it('is looked for again where other settings, other content or --no-cache ask for it', async () => {
    const other = await looksOf(source, ['--crop', 'auto', '--loudness', '-16', '--duration', '2']);
    expect(other.counts.bars).toBe(0);
    expect(other.counts.loudness).toBeGreaterThan(0);
    expect((await looksOf(source, ['--crop', 'auto', '--no-cache'])).counts.bars).toBeGreaterThan(3);
    const otherFilm = join(folder, 'other.mkv');
    const bytes = readFileSync(source);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(otherFilm, bytes);
    const tolerant = ['--crop', 'auto', '--tolerate-errors'];
    expect((await looksOf(otherFilm, tolerant)).counts.bars).toBeGreaterThan(3);
    expect((await looksOf(otherFilm, tolerant)).counts.bars).toBe(0);
  });

  it('is known of a copy too, and of a file that only its time was changed of', async () => {
    const copy = join(folder, 'copy.mkv');
    copyFileSync(source, copy);
    expect((await looksOf(copy, LOOKING)).counts).toEqual(NONE);
    utimesSync(copy, new Date(), new Date(1e12));
    expect((await looksOf(copy, LOOKING)).counts).toEqual(NONE);
  });

  it('samples of a request are encoded once, for an estimate or a maximum', async () => {
    const flags = ['--max-size', '100kB'];
    const first = await looksOf(source, flags);
    expect(first.counts.samples).toBeGreaterThan(0);
    const again = await looksOf(source, flags);
    expect(again.counts.samples).toBe(0);
    expect(again.settings.size_steps).toEqual(first.settings.size_steps);
    const flagsOfEstimate = ['--codec', 'h264', '--speed', 'ultrafast', '--sample', '--json'];
    // Of no other file in this history, so that the estimate itself has to know the content again.
    const db = ['--ffmpeg', tool.path, '--db', join(fresh(), 'h.db')];
    const run = async (film: string) => JSON.parse((await ok(['estimate', film, ...flagsOfEstimate, ...db])).stdout);
    const copy = join(folder, 'copy.mkv');
    copyFileSync(source, copy);
    const [one, two, three] = [await run(source), await run(source), await run(copy)];
    expect(one.sampling_seconds).toBeGreaterThan(0);
    expect(two).toEqual({ ...one, sampling_seconds: 0 });
    expect(three).toEqual(two);
  });
});
