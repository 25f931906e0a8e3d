import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { clip, countFrames } from '../support/clips.ts';
import { fakeEncoder, REAL_FFMPEG, script } from '../support/fake-tools.ts';
import { expectRefusal, fresh, listing, ok, resultOf, sg, shown } from '../support/run-cli.ts';

const FAST = ['--speed', 'ultrafast'];
const version = (text: string) => `case "$*" in *-version*) echo '${text}';; *) exec '${REAL_FFMPEG}' "$@";; esac`;

describe('a given ffmpeg that cannot be used is exit 5, and no other is taken', () => {
  const cases: Readonly<Record<string, (folder: string) => string>> = {
    'does not exist': (folder) => join(folder, 'ffmpeg'),
    'is a folder': (folder) => folder,
    'may not be executed': (folder) => {
      writeFileSync(join(folder, 'ffmpeg'), '#!/bin/sh\n');
      return join(folder, 'ffmpeg');
    },
    'is no program': (folder) => {
      writeFileSync(join(folder, 'ffmpeg'), 'hello');
      chmodSync(join(folder, 'ffmpeg'), 0o755);
      return join(folder, 'ffmpeg');
    },
    'has an interpreter that is missing': (folder) => {
      writeFileSync(join(folder, 'ffmpeg'), '#!/nonexistent/sh\n');
      chmodSync(join(folder, 'ffmpeg'), 0o755);
      return join(folder, 'ffmpeg');
    },
    'is too old': (folder) => script(folder, 'ffmpeg', version('ffmpeg version 4.4.2 Copyright (c) 2000-2021')),
    'is just too old': (folder) => script(folder, 'ffmpeg', version('ffmpeg version n5.0.9 Copyright')),
    'is something else': (folder) => script(folder, 'ffmpeg', 'echo "avconv version 12"'),
    'says nothing': (folder) => script(folder, 'ffmpeg', 'exit 0'),
    'fails at once': (folder) => script(folder, 'ffmpeg', 'echo "error while loading shared libraries" >&2; exit 127'),
    'dies at once': (folder) => script(folder, 'ffmpeg', 'kill -9 $$'),
    'floods instead of answering': (folder) => script(folder, 'ffmpeg', 'yes ffmpeg | head -c 200000000'),
  };
  describe.each([
    ['--ffmpeg', Object.entries(cases)],
    ['--ffprobe', oneOf(2, Object.entries(cases))],
  ] as const)('%s', (flag, made) => {
    test.each(made)('%s', async (_name, make) => {
      const folder = fresh();
      const path = make(fresh());
      const run = await sg(['export', clip(), '-o', join(folder, 'o.mp4'), flag, path]);
      expectRefusal(run, 5);
      expect(run.stderr, shown(run)).toContain(flag);
      expect(run.stderr.length).toBeLessThan(2000);
      expect(listing(folder)).toEqual([]);
    });
  });
  test.each(['SG_EXPORT_FFMPEG', 'SG_EXPORT_FFPROBE'])('the same by %s', async (name) => {
    const run = await sg(['export', clip(), '-o', join(fresh(), 'o.mp4')], { env: { [name]: '/nonexistent/x' } });
    expectRefusal(run, 5);
    expect(run.stderr).toContain(name);
  });
});

describe('versions that are new enough', () => {
  test.each([
    'ffmpeg version 5.1 Copyright',
    'ffmpeg version n7.1-dev-1234 Copyright',
    'ffmpeg version N-109741-gbbe95f7353-tessus Copyright',
    'ffmpeg version 2024-05-02-git-71669f2ad5 Copyright',
    'ffmpeg version git-2023-01-01-abcdef Copyright',
    'ffmpeg version 8.0-static https://johnvansickle.com/ffmpeg/ Copyright',
  ])('%s', async (text) => {
    const folder = fresh();
    const fake = script(fresh(), 'ffmpeg', version(text));
    await ok(['export', clip(), '-o', join(folder, 'o.mp4'), ...FAST, '--ffmpeg', fake, '--dry-run']);
  });
});

test('no ffmpeg anywhere is exit 5, with how to get one', async () => {
  const folder = fresh();
  const bin = fresh();
  script(bin, 'ffprobe', 'exit 1');
  const run = await sg(['export', clip(), '-o', join(folder, 'o.mp4')], { env: { PATH: bin } });
  // ffmpeg-static may be installed beside sg-export: then there is one.
  if (run.code === 0) return;
  expectRefusal(run, 5);
  expect(run.stderr, shown(run)).toMatch(/install/i);
});

test('an encoder that this ffmpeg lacks is exit 5, and another one of the codec is taken where there is one', async () => {
  const without = (pattern: string) =>
    script(
      fresh(),
      'ffmpeg',
      `case "$*" in *-encoders*) '${REAL_FFMPEG}' "$@" | grep -vE '${pattern}';; *) exec '${REAL_FFMPEG}' "$@";; esac`,
    );
  const folder = fresh();
  const none = await sg(['export', clip(), '-o', join(folder, 'o.mp4'), '--ffmpeg', without('libx264')]);
  expectRefusal(none, 5);
  expect(none.stderr).toContain('libx264');
  const av1 = ['export', clip(), '-o', join(folder, 'o.mkv'), '--codec', 'av1', ...FAST, '--json', '--dry-run'];
  expect((await ok([...av1, '--ffmpeg', without('libsvtav1')])).stdout).toContain('libaom-av1');
  const both = await sg([...av1.slice(0, -2), '--ffmpeg', without('libsvtav1|libaom-av1')]);
  expectRefusal(both, 5);
  const sound = await sg(['export', clip(), '-o', join(folder, 'o.webm'), '--ffmpeg', without('libopus')]);
  expectRefusal(sound, 5);
  expect(sound.stderr).toContain('libopus');
  expect(listing(folder)).toEqual([]);
});

test('a filter that this ffmpeg lacks is exit 5, before anything is encoded', async () => {
  const folder = fresh();
  const body = `case "$*" in *-filters*) '${REAL_FFMPEG}' "$@" | grep -v ' bwdif ';; *output.mp4*) touch '${folder}/encoded';; *) exec '${REAL_FFMPEG}' "$@";; esac`;
  const args = ['export', clip(), '-o', join(folder, 'o.mp4'), '--deinterlace', 'on'];
  const run = await sg([...args, '--ffmpeg', script(fresh(), 'ffmpeg', body)]);
  expectRefusal(run, 5);
  expect(run.stderr).toContain('bwdif');
  expect(listing(folder)).toEqual([]);
});

test('an ffmpeg that was replaced since the last run is asked again', async () => {
  const folder = fresh();
  const bin = fresh();
  const db = ['--db', join(fresh(), 'h.db')];
  const args = ['export', clip(), '-o', join(folder, 'o.mp4'), ...FAST, '--ffmpeg', join(bin, 'ffmpeg'), ...db];
  fakeEncoder(bin, '"$real" "$@"');
  await ok(args);
  script(bin, 'ffmpeg', version('ffmpeg version 4.4 Copyright'));
  expectRefusal(await sg([...args, '--overwrite']), 5);
  expect(countFrames(join(folder, 'o.mp4'))).toBe(25);
});

test('an ffmpeg that never answers is given up by --timeout', async () => {
  const folder = fresh();
  const hangs = script(fresh(), 'ffmpeg', 'exec sleep 600');
  const args = ['export', clip(), '-o', join(folder, 'o.mp4'), '--ffmpeg', hangs, '--timeout', '2', '--json'];
  const run = await sg(args, { timeoutMs: 30_000 });
  expect(run.code, shown(run)).toBe(124);
  expect(resultOf(run)).toMatchObject({ error_code: 'TIMEOUT' });
  expect(run.tookMs, 'it waits no longer').toBeLessThan(15_000);
});

test('an ffprobe that never answers is given up by --timeout', async () => {
  const folder = fresh();
  const body = 'case "$1" in -version) echo "ffprobe version 5.1 Copyright";; *) exec sleep 600;; esac';
  const args = ['export', clip(), '-o', join(folder, 'o.mp4'), '--ffprobe', script(fresh(), 'ffprobe', body)];
  const run = await sg([...args, '--timeout', '2', '--json'], { timeoutMs: 30_000 });
  expect(run.code, shown(run)).toBe(124);
  expect(listing(folder)).toEqual([]);
});

test.each([
  ['nonsense', 'echo "not json"'],
  ['an empty answer', 'exit 0'],
  ['streams without a codec', 'echo \'{"streams":[{"index":0}],"format":{}}\''],
  [
    'numbers that are none',
    'echo \'{"streams":[{"index":0,"codec_type":"video","codec_name":"h264","width":"x","height":-4,"r_frame_rate":"0/0","avg_frame_rate":"a/b","time_base":"1/0"}],"format":{"duration":"N/A"}}\'',
  ],
  [
    'a size of nothing',
    'echo \'{"streams":[{"index":0,"codec_type":"video","codec_name":"h264","width":0,"height":0,"r_frame_rate":"25/1","avg_frame_rate":"25/1","time_base":"1/25","nb_frames":"25"}],"format":{"format_name":"mov,mp4","duration":"1"}}\'',
  ],
  ['an endless answer', 'yes \'{"streams":\''],
])('an ffprobe that answers with %s is an error, not a bug', async (_name, body) => {
  const folder = fresh();
  const probe = script(
    fresh(),
    'ffprobe',
    `case "$1" in -version) echo "ffprobe version 5.1 Copyright";; *) ${body};; esac`,
  );
  const run = await sg(['export', clip(), '-o', join(folder, 'o.mp4'), '--ffprobe', probe], { timeoutMs: 30_000 });
  expect([3, 5, 7], shown(run)).toContain(run.code);
  expectRefusal(run, run.code ?? -1);
  expect(listing(folder)).toEqual([]);
});
