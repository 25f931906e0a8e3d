import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { clip, ffmpeg, MEDIA, noMedia, probe } from '../support/clips.ts';
import { expectRefusal, fresh, listing, ok, resultOf, sg } from '../support/run-cli.ts';
import { lookOf, meanRgb } from '../support/shown-pictures.ts';

const FAST = ['--codec', 'h264', '--speed', 'ultrafast', '--resolution', '360p'];
const sha256 = (path: string): string => `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
const sizeOf = (path: string): string => {
  const [stream] = probe(path).streams;
  return `${stream?.width}x${stream?.height}`;
};
const readJson = (path: string): Readonly<Record<string, unknown>> => JSON.parse(readFileSync(path, 'utf8'));

/** Most of it shows nothing: black, one real scene out of focus, grey, and three real scenes of a second each, one of them twice. */
function mostlyNothing(path: string): void {
  const scene = (name: string, atSec: number) => ['-ss', String(atSec), '-t', '1', '-i', join(MEDIA, name)];
  const shape = 'fps=10,scale=320:180,setsar=1,format=yuv420p,settb=1/10,setpts=N';
  const solid = (colour: string) => ['-f', 'lavfi', '-i', `color=${colour}:s=320x180:r=10:d=1`];
  const parts = ['[0]', '[1]', '[2]gblur=8,', '[3]', '[4]', '[5]', '[6]', '[7]'];
  const chains = parts.map((part, n) => `${part}${shape}[v${n}]`);
  const joined = `${parts.map((_, n) => `[v${n}]`).join('')}concat=n=${parts.length}:v=1:a=0`;
  ffmpeg([
    ...solid('black'),
    ...scene('butterfly_720p_2997_stereo.mp4', 2),
    ...scene('juggle_720p24_noaudio.mp4', 4),
    ...solid('gray'),
    ...scene('crystal_subs_chapters_attach.mkv', 3),
    ...scene('butterfly_720p_2997_stereo.mp4', 2),
    ...scene('bbb_720p25_ac3_51.mkv', 3),
    ...solid('black'),
    ...['-filter_complex', [...chains, joined].join(';')],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '16', path],
  ]);
}

describe.skipIf(noMedia)('pictures beside a film of real scenes', () => {
  const folder = fresh();
  const source = join(folder, 'film.mp4');
  const output = join(folder, 'out.mp4');
  const picture = (n: number, size: string) => join(folder, `out.thumb-${n}-${size}.jpg`);
  const flags = [...FAST, '--thumbnails', '160x90,101x151', '--thumbnail-count', '3'];
  const files = ['receipt.json', 'out.d'].map((name) => join(folder, name));
  const [receipt = '', depfile = ''] = files;
  const side = ['--receipt', receipt, '--depfile', depfile];
  let result: Readonly<Record<string, unknown>> = {};
  const made = [1, 2, 3].flatMap((n) => [picture(n, '160x90'), picture(n, '101x151')]);
  beforeAll(async () => {
    mostlyNothing(source);
    result = resultOf(await ok(['export', source, '-o', output, ...flags, ...side, '--json']));
  });

  test('show what is worth showing, each something else', () => {
    const looks = [1, 2, 3].map((n) => lookOf(picture(n, '160x90')));
    for (const look of looks) {
      expect(look.mean).toBeGreaterThan(30);
      expect(look.mean).toBeLessThan(230);
      expect(look.contrast).toBeGreaterThan(15);
    }
    const differences = [
      [0, 1],
      [0, 2],
      [1, 2],
    ].map(([a = 0, b = 0]) => {
      const [one, other] = [looks[a]?.blocks ?? [], looks[b]?.blocks ?? []];
      return one.reduce((sum, value, n) => sum + Math.abs(value - (other[n] ?? 0)), 0) / one.length;
    });
    expect(Math.min(...differences)).toBeGreaterThan(6);
    // Out of focus would be far below what the scenes have.
    expect(Math.min(...looks.map(({ sharpness }) => sharpness))).toBeGreaterThan(3);
    expect(String(result.warnings)).not.toContain('thumbnail');
  });

  test('have their sizes, with bars where the shape is another', () => {
    expect(made.map(sizeOf)).toEqual([1, 2, 3].flatMap(() => ['160x90', '101x151']));
    for (const n of [1, 2, 3]) {
      expect(Math.max(...meanRgb(picture(n, '101x151'), [101, 40, 0, 0]))).toBeLessThan(6);
      expect(Math.max(...meanRgb(picture(n, '101x151'), [101, 40, 0, 111]))).toBeLessThan(6);
      expect(Math.max(...meanRgb(picture(n, '101x151'), [101, 40, 0, 55]))).toBeGreaterThan(30);
    }
  });

  test('are told of in the result, the receipt, the history and the depfile', async () => {
    expect(result.output_files).toEqual([output, ...made]);
    expect(result.file_sizes).toEqual(Object.fromEntries([output, ...made].map((path) => [path, statSync(path).size])));
    expect(result.checksums).toEqual(Object.fromEntries([output, ...made].map((path) => [path, sha256(path)])));
    expect(JSON.stringify(result.verification)).toContain('"thumbnails"');
    const stamps = readJson(receipt).thumbnails as readonly { readonly path: string; readonly sha256: string }[];
    expect(stamps.map(({ path }) => path)).toEqual(made);
    expect(stamps.map((one) => one.sha256)).toEqual(made.map(sha256));
    const [rule = ''] = readFileSync(depfile, 'utf8').split('\n');
    expect(rule.split(':')[0]?.split(' ')).toEqual([output, ...made]);
    const job = JSON.parse((await ok(['history', String(result.export_id), '--json'])).stdout);
    expect(job.output_files).toEqual([output, ...made]);
    expect(listing(folder)).toEqual(
      ['film.mp4', 'out.d', 'receipt.json', ...made.map((path) => path.slice(folder.length + 1)), 'out.mp4'].sort(),
    );
  });

  test('are made again alone where one is gone, under --skip-existing', async () => {
    const before = statSync(output, { bigint: true });
    const again = ['export', source, '-o', output, ...flags, '--skip-existing', '--json'];
    expect(resultOf(await ok(again))).toMatchObject({ skipped: true, output_files: [output, ...made] });
    const [first = '', second = ''] = made;
    const digest = sha256(first);
    rmSync(first);
    writeFileSync(second, 'scribbled over');
    const repaired = resultOf(await ok(again));
    expect(repaired).toMatchObject({ status: 'completed', output_files: [output, ...made] });
    expect(repaired.skipped).toBeUndefined();
    expect(sha256(first)).toBe(digest);
    expect(sizeOf(second)).toBe('101x151');
    expect(statSync(output, { bigint: true })).toMatchObject({ ino: before.ino, mtimeNs: before.mtimeNs });
    // Other pictures of the same film: the film stays.
    const other = resultOf(
      await ok(['export', source, '-o', output, ...FAST, '--thumbnails', '64x36', '--skip-existing', '--json']),
    );
    expect(other.output_files).toEqual([output, picture(1, '64x36')]);
    expect(statSync(output, { bigint: true }).ino).toBe(before.ino);
  });
});

describe('pictures beside a film', () => {
  test('are never written over a file that is there, unless --overwrite says so', async () => {
    const folder = fresh();
    const [source, output, taken] = [clip(), join(folder, 'o.mp4'), join(folder, 'o.thumb-1-160x90.jpg')];
    writeFileSync(taken, 'a photograph');
    const args = ['export', source, '-o', output, ...FAST, '--thumbnails', '160x90'];
    for (const more of [[], ['--skip-existing']]) {
      const refused = await sg([...args, ...more]);
      expectRefusal(refused, 2);
      expect(refused.stderr).toContain(taken);
      expect(listing(folder)).toEqual(['o.thumb-1-160x90.jpg']);
      expect(readFileSync(taken, 'utf8')).toBe('a photograph');
    }
    await ok([...args, '--overwrite']);
    expect(sizeOf(taken)).toBe('160x90');
    expect(listing(folder)).toEqual(['o.mp4', 'o.thumb-1-160x90.jpg']);
  });

  test('are made of one frame, and of a black film, with a word about it', async () => {
    const folder = fresh();
    const [one, black] = [join(folder, 'one.mp4'), join(folder, 'black.mp4')];
    ffmpeg(['-i', clip({ sound: false }), '-frames:v', '1', '-c:v', 'libx264', one]);
    ffmpeg(['-f', 'lavfi', '-i', 'color=black:s=320x180:r=10:d=2', '-c:v', 'libx264', black]);
    const [few, dark] = [join(folder, 'a.mp4'), join(folder, 'b.mp4')];
    const flags = [...FAST, '--thumbnails', '160x90', '--thumbnail-count', '4', '--json'];
    const single = resultOf(await ok(['export', one, '-o', few, ...flags]));
    expect(single.output_files).toEqual([few, join(folder, 'a.thumb-1-160x90.jpg')]);
    expect(String(single.warnings)).toContain('1 frame');
    const nothing = resultOf(await ok(['export', black, '-o', dark, ...flags]));
    expect(nothing.output_files).toHaveLength(5);
    expect(String(nothing.warnings)).toMatch(/4 of the 4 thumbnails: dark/);
  });

  test('are refused in sizes that cannot be, all at once', async () => {
    const folder = fresh();
    const refused = await sg([
      'export',
      clip(),
      '-o',
      join(folder, 'o.mp4'),
      '--thumbnails',
      '9000x90',
      '--thumbnail-count',
      '500',
    ]);
    expectRefusal(refused, 4);
    expect(refused.stderr).toMatch(/9000x90[\s\S]*500/);
    expect(listing(folder)).toEqual([]);
    const words = JSON.parse((await sg(['validate', clip(), '--thumbnails', '9000x90', '--json'])).stdout);
    expect(words.issues).toMatchObject([{ code: 'thumbnail_size', path: '--thumbnails' }]);
  });

  test('are in the script of a dry run, at even distances', async () => {
    const folder = fresh();
    const output = join(folder, "it's.mp4");
    const { stdout } = await ok([
      'export',
      clip(),
      '-o',
      output,
      ...FAST,
      '--thumbnails',
      '160x90,80x80',
      '--thumbnail-count',
      '2',
      '--dry-run',
    ]);
    expect(stdout).toContain('# adapted at run time: thumbnails');
    expect(listing(folder)).toEqual([]);
    const ran = spawnSync('sh', ['-e'], { input: stdout, encoding: 'utf8' });
    expect(ran.status, ran.stderr).toBe(0);
    const names = [1, 2].flatMap((n) => [`it's.thumb-${n}-160x90.jpg`, `it's.thumb-${n}-80x80.jpg`]);
    expect(listing(folder)).toEqual([...names, "it's.mp4"].sort());
    expect(names.map((name) => sizeOf(join(folder, name)))).toEqual(['160x90', '80x80', '160x90', '80x80']);
  });

  test('of two exports that would be the same files are found before the first one starts', async () => {
    const folder = fresh();
    const job = [
      '--export',
      'h264:360p:draft',
      '--export',
      'prores:360p:draft',
      '--name',
      'same',
      '--output-folder',
      folder,
    ];
    const refused = await sg(['multi', clip(), ...job, '--thumbnails', '160x90']);
    expectRefusal(refused, 2);
    expect(refused.stderr).toContain('same.thumb-1-160x90.jpg');
    expect(listing(folder)).toEqual([]);
  });
});

describe.skipIf(noMedia)('pictures of odd sources', () => {
  test('of HDR look alike, whether the film stays HDR or not', async () => {
    const folder = fresh();
    const source = join(MEDIA, 'phone_hdr10_pq_1080p_hevc10.mp4');
    const flags = ['--duration', '0.3', '--resolution', '360p', '--speed', 'ultrafast', '--thumbnails', '320x180'];
    await ok(['export', source, '-o', join(folder, 'sdr.mp4'), '--codec', 'h264', ...flags]);
    await ok(['export', source, '-o', join(folder, 'hdr.mp4'), '--codec', 'h265', ...flags]);
    const [sdr, hdr] = ['sdr', 'hdr'].map((name) => meanRgb(join(folder, `${name}.thumb-1-320x180.jpg`)));
    for (const n of [0, 1, 2]) expect(Math.abs((sdr?.[n] ?? 0) - (hdr?.[n] ?? 99))).toBeLessThan(8);
  });

  test('of a copy that keeps its turn and its wide pixels are upright and in shape', async () => {
    const folder = fresh();
    const copy = ['--codec', 'copy', '--thumbnails', '180x320,320x180'];
    for (const name of ['iphone_portrait_rot90_640x480.mov', 'bee_anamorphic_720x480_sar32-27.mp4']) {
      copyFileSync(join(MEDIA, name), join(folder, name));
      await ok(['export', join(folder, name), '-o', join(folder, `copy_${name}`), ...copy]);
    }
    // 3:4 upright in 9:16 has bars of 40 lines above and below, none at its sides; 16:9 fills its frame.
    const phone = join(folder, 'copy_iphone_portrait_rot90_640x480.thumb-1-180x320.jpg');
    expect(Math.max(...meanRgb(phone, [180, 34, 0, 0]))).toBeLessThan(6);
    expect(Math.max(...meanRgb(phone, [4, 200, 0, 60]))).toBeGreaterThan(12);
    const bee = join(folder, 'copy_bee_anamorphic_720x480_sar32-27.thumb-1-320x180.jpg');
    for (const box of [
      [320, 2, 0, 0],
      [2, 180, 0, 0],
      [320, 2, 0, 178],
    ] as const) {
      expect(Math.max(...meanRgb(bee, box))).toBeGreaterThan(30);
    }
    expect(existsSync(join(folder, 'copy_bee_anamorphic_720x480_sar32-27.thumb-2-320x180.jpg'))).toBe(false);
  });
});
