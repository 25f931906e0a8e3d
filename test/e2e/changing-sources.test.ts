import { copyFileSync, mkdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { changing, HARMS, harmAt } from '../support/changing-sources.ts';
import { clip, countFrames } from '../support/clips.ts';
import { padTo } from '../support/deliveries.ts';
import { REAL_FFMPEG, script } from '../support/fake-tools.ts';
import { expectRefusal, fresh, listing, ok, sg } from '../support/run-cli.ts';
import { printedSeed, seededRandom, spreadMoments } from '../support/seeded-random.ts';

// test/full does the same forty times, with more containers and codecs.
test('a source that changes at any moment makes an error or its right film', { timeout: 120_000 }, async () => {
  const random = seededRandom(printedSeed('changing sources'));
  const wish = { name: 'film.mkv', sec: 4, size: '160x90' };
  const one = await changing(clip(wish), clip({ ...wish, fps: 24 }), ['--speed', 'medium'], 'out.mp4');
  const codes: number[] = [];
  for (const [i, share] of spreadMoments(HARMS.length, random).entries())
    codes.push(await harmAt(one, share, HARMS[i] ?? 'cut', random));
  console.info(`changing sources: exit codes ${codes.join(' ')}`);
  expect(codes).toHaveLength(HARMS.length);
});

/** An ffprobe that first does something when the finished film is looked at: by then nothing reads the source's film any more. */
const whenVerified = (body: string): string => {
  const real = REAL_FFMPEG.replace(/ffmpeg$/, 'ffprobe');
  return script(fresh(), 'ffprobe', `case "$*" in *output.*) ${body};; esac\nexec '${real}' "$@"`);
};

test('a source that changes while only its digest is still computed is an error: the receipt would be of neither', async () => {
  const folder = fresh();
  const source = join(folder, 'film.mp4');
  copyFileSync(clip(), source);
  // A copy ends long before the digest of a gigabyte, of which all but the film is a hole.
  padTo(1_000_000_000)(source);
  mkdirSync(join(folder, 'out'));
  const args = ['export', source, '-o', join(folder, 'out', 'o.mkv'), '--codec', 'copy'];
  const run = await sg([
    ...args,
    '--receipt',
    join(folder, 'out', 'r.json'),
    '--ffprobe',
    whenVerified(`printf x >> '${source}'`),
  ]);
  expectRefusal(run, 6);
  expect(run.stderr).toContain('changed while it was read');
  expect(listing(join(folder, 'out'))).toEqual([]);
});

test('a source that goes once it was read is delivered, with its receipt and its times', async () => {
  const folder = fresh();
  const source = join(folder, 'film.mp4');
  copyFileSync(clip(), source);
  utimesSync(source, 1_700_000_000, 1_600_000_000.25);
  const { size } = statSync(source);
  const output = join(folder, 'o.mp4');
  const receipt = join(folder, 'r.json');
  const gone = whenVerified(`rm -f '${source}'`);
  await ok(['export', source, '-o', output, '--keep-times', '--receipt', receipt, '--ffprobe', gone]);
  expect(countFrames(output)).toBe(25);
  expect(statSync(output).mtimeMs).toBeCloseTo(1_600_000_000_250, 0);
  expect(JSON.parse(readFileSync(receipt, 'utf8'))).toMatchObject({ source: { bytes: size } });
  expect(listing(folder)).toEqual(['o.mp4', 'r.json']);
});

test.each([
  ['grows', (source: string) => `printf x >> '${source}'`],
  ['is cut', (source: string) => `truncate -s 5000 '${source}'`],
  ['goes', (source: string) => `rm -f '${source}'`],
])('an estimate of a source that %s meanwhile is an error', async (_how, harm) => {
  const folder = fresh();
  const source = join(folder, 'film.mp4');
  copyFileSync(clip(), source);
  const harming = script(
    folder,
    'ffmpeg',
    `case "$*" in *libx264*) ${harm(source)};; esac\nexec '${REAL_FFMPEG}' "$@"`,
  );
  const args = ['estimate', source, '--sample', '--codec', 'h264', '--speed', 'ultrafast', '--ffmpeg', harming];
  const run = await sg(args);
  expectRefusal(run, 6);
  expect(run.stderr).toContain('changed while it was read');
});
