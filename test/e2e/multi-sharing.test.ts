import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { clip, probe, streamDigest } from '../support/clips.ts';
import { fakeEncoder, loggingEncoder } from '../support/fake-tools.ts';
import { fresh, listing, resultOf, sg, shown } from '../support/run-cli.ts';

const FOUR = ['h264:source:low', 'h264:160x90:draft', 'vp9:160x90:draft', 'h265:160x90:draft'];

/** Runs four exports of one source into a folder of their own, and tells which ffmpegs made them. */
async function four(...flags: readonly string[]) {
  const folder = fresh();
  copyFileSync(clip({ sec: 2, name: 'a.mkv' }), join(folder, 'a.mkv'));
  const ffmpeg = loggingEncoder(fresh());
  const exports = FOUR.flatMap((spec) => ['--export', spec]);
  const words = ['a.mkv', ...exports, '--speed', 'ultrafast', '--output-folder', 'o', '--receipt', 'r', '--json'];
  const run = await sg(['multi', ...words, '--ffmpeg', ffmpeg.path, '--db', join(fresh(), 'h.db'), ...flags], {
    cwd: folder,
  });
  expect(run.code, shown(run)).toBe(0);
  const outputs = listing(join(folder, 'o'));
  return {
    folder,
    outputs,
    digests: outputs.map((name) => streamDigest(join(folder, 'o', name))),
    encodes: ffmpeg.calls().filter((call) => /output\.(mp4|webm)$/.test(call)),
    sharing: resultOf(run).sharing,
    results: resultOf(run).exports as readonly Readonly<Record<string, unknown>>[],
  };
}

const outputsOf = (call: string): number => call.match(/output\.(mp4|webm)(?=[ |]|$)/g)?.length ?? 0;

test('renditions of one source share one decode, and are the very films that exports one after the other make', async () => {
  const together = await four('--share', '--parallel', '4');
  const apart = await four('--no-share', '--parallel', '1');
  expect(together.encodes.map(outputsOf)).toEqual([4]);
  expect(apart.encodes.map(outputsOf)).toEqual([1, 1, 1, 1]);
  expect(together.outputs).toEqual(apart.outputs);
  expect(together.digests).toEqual(apart.digests);
  expect(together.results.map(({ shared }) => shared)).toEqual(FOUR.map(() => 'decode'));
  expect(apart.results.map(({ shared }) => shared)).toEqual(FOUR.map(() => undefined));
  expect(together.sharing).toEqual({
    exports: 4,
    decodes: 1,
    decodes_saved: 3,
    // Two in MP4 at the same level have the same sound; the rate of a better level and VP9's sound are others.
    sounds_saved: 1,
    saved_cpu_seconds: expect.any(Number),
  });
  expect(apart.sharing).toBeNull();
  const receipt = JSON.parse(readFileSync(join(together.folder, 'r', `${together.outputs[0]}.json`), 'utf8'));
  expect(receipt.commands, 'the command that was run').toHaveLength(1);
  expect(outputsOf(receipt.commands[0].join(' '))).toBe(4);
});

test('in two passes too, each pass with one decode: the very films of exports one after the other', async () => {
  const folder = fresh();
  // A name with what lists of settings and file names would stumble over.
  const name = "it's 10:30.mkv";
  copyFileSync(clip({ name: 'a.mkv' }), join(folder, name));
  const exports = ['h264:128x72', 'h264:160x90', 'h265:160x90', 'vp9:160x90'].flatMap((spec) => ['--export', spec]);
  const words = [name, ...exports, '--bitrate', '100k', '--speed', 'fast', '--json'];
  const films = async (flag: string, parallel: number) => {
    const ffmpeg = loggingEncoder(fresh());
    const out = join("it's 10:30", flag);
    const flags = [
      flag,
      '--parallel',
      `${parallel}`,
      '--output-folder',
      out,
      '--ffmpeg',
      ffmpeg.path,
      '--db',
      join(fresh(), 'h.db'),
    ];
    const run = await sg(['multi', ...words, ...flags], { cwd: folder, timeoutMs: 110_000 });
    expect(run.code, shown(run)).toBe(0);
    const outputs = listing(join(folder, out));
    const passes = ffmpeg.calls().filter((call) => /(-pass |[ :]pass=)[12]/.test(call));
    return { run, passes: passes.length, digests: outputs.map((file) => streamDigest(join(folder, out, file))) };
  };
  const apart = await films('--no-share', 1);
  const together = await films('--share', 4);
  expect(apart.passes).toBe(8);
  expect(together.passes).toBe(2);
  expect(together.digests).toEqual(apart.digests);
  expect(resultOf(together.run).sharing).toMatchObject({ exports: 4, decodes: 2, decodes_saved: 6 });
}, 120_000);

const TRACKS = [
  ...['-map', '0:v', '-map', '1:a', '-map', '1:a', '-metadata:s:a:0', 'language=deu', '-metadata:s:a:0', 'title=Ton'],
  ...['-metadata:s:a:1', 'language=eng', '-disposition:v', '0', '-disposition:a:0', '0', '-disposition:a:1', 'default'],
];
/** What is written anew each time. */
const ANEW = new Set(['filename', 'SegmentUID']);
const told = (file: string): string =>
  JSON.stringify(probe(file), (key, value: unknown) => (ANEW.has(key) ? undefined : value));

const SOUNDS = [
  ['mkv', 'two-tracks.mkv', TRACKS, 'h264'],
  ['mp4', 'a.mp4', [], 'h264'],
  ['webm', 'a.ts', [], 'vp9'],
  ['mov', 'two-tracks.mov', TRACKS, 'h265'],
] as const;

test.each(oneOf(2, SOUNDS))(
  'the same sound is encoded once: %s of %s is what each makes by itself',
  async (container, name, extra, codec) => {
    const folder = fresh();
    // A name with what tee takes for separators.
    copyFileSync(clip({ sec: 2, name, extra }), join(folder, `it's [a|b] ${name}`));
    const sizes = ['160x90', '128x72', '96x54'].flatMap((size) => ['--export', `${codec}:${size}:draft`]);
    const films = async (out: string, ...flags: readonly string[]) => {
      const ffmpeg = loggingEncoder(fresh());
      const words = [
        `it's [a|b] ${name}`,
        ...sizes,
        '--speed',
        'ultrafast',
        '--container',
        container,
        '--start',
        '0.2',
      ];
      const places = ['--output-folder', `${out}|'${out}`, '--ffmpeg', ffmpeg.path, '--db', join(fresh(), 'h.db')];
      const run = await sg(['multi', ...words, ...places, ...flags, '--json'], { cwd: folder, timeoutMs: 110_000 });
      expect(run.code, shown(run)).toBe(0);
      const made = listing(join(folder, `${out}|'${out}`)).map((file) => join(folder, `${out}|'${out}`, file));
      const encodes = ffmpeg.calls().filter((call) => call.includes(`output.${container}`));
      return {
        sounds: encodes.join(' ').match(/-c:a:0 /g)?.length,
        tees: encodes.filter((call) => call.includes('-f tee')).length,
        made: made.map((file) => [told(file), streamDigest(file)]),
      };
    };
    const apart = await films('apart', '--no-share', '--parallel', '1');
    const together = await films('together', '--share', '--parallel', '3');
    expect(apart).toMatchObject({ sounds: 3, tees: 0 });
    expect(together).toMatchObject({ sounds: 1, tees: 1 });
    expect(together.made).toEqual(apart.made);
  },
  120_000,
);

test('no more of them at once than --parallel says', async () => {
  expect((await four('--share', '--parallel', '2')).encodes.map(outputsOf)).toEqual([2, 2]);
});

test('a failure in the shared process costs nobody else the film', async () => {
  const folder = fresh();
  copyFileSync(clip(), join(folder, 'a.mp4'));
  const failing = fakeEncoder(fresh(), 'case "$*" in *libvpx*) "$real" "$@"; exit 1;; esac\nexec "$real" "$@"');
  const exports = FOUR.flatMap((spec) => ['--export', spec]);
  const words = ['a.mp4', ...exports, '--speed', 'ultrafast', '--output-folder', 'o', '--share', '--parallel', '4'];
  const db = ['--db', join(fresh(), 'h.db')];
  const run = await sg(['multi', ...words, '--json', '--ffmpeg', failing, ...db], { cwd: folder });
  expect(run.code, shown(run)).toBe(8);
  expect(resultOf(run)).toMatchObject({
    error_message: '1 of 4 exports failed',
    exports: [{ status: 'completed' }, { status: 'completed' }, { error_code: 'ENCODE' }, { status: 'completed' }],
  });
  expect(listing(join(folder, 'o'))).toHaveLength(3);
});
