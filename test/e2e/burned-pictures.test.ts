import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BoxSubtitle, writeSup } from '../support/bitmap-subtitles.ts';
import { oneOf } from '../support/choice.ts';
import { complaints, ffmpeg, probe } from '../support/clips.ts';
import { coloursAt, lumaThrough } from '../support/measured-pictures.ts';
import { expectRefusal, fresh, listing, ok, ROOT, resultOf, sg } from '../support/run-cli.ts';

// Boxes as subtitles on a grey film of 25 pictures a second, 320×180: what is white and when can be read off the output.
const FPS = 25;
const WHITE = [235, 128, 128] as const;
const BOX = { x: 80, y: 130, width: 160, height: 30, colour: WHITE } as const;
const BOXES: readonly BoxSubtitle[] = [
  { fromSec: 0.4, toSec: 1, ...BOX },
  { fromSec: 2, toSec: 2.6, ...BOX },
];
const SHOWN = [...range(10, 25), ...range(50, 65)];
const path = (name: string) => join(ROOT, name);

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, n) => from + n);
}

function film(name: string, subtitles: string, more: readonly string[] = [], boxes = 'boxes.sup'): void {
  const picture = ['-f', 'lavfi', '-i', `color=c=0x404040:s=320x180:r=${FPS}:d=3.2`];
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '4', '-pix_fmt', 'yuv420p'];
  const tags = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'];
  const maps = ['-map', '0:v', '-map', '1:s'];
  // A disc says how long a subtitle lasts, where its packets do not say when it ends.
  const lasting = subtitles === 'copy' ? [] : ['-fix_sub_duration'];
  ffmpeg([
    ...picture,
    ...lasting,
    '-i',
    path(boxes),
    '-copyts',
    ...maps,
    ...video,
    ...tags,
    '-c:s',
    subtitles,
    ...more,
    path(name),
  ]);
}

async function delivered(name: string, extension: string, ...flags: readonly string[]): Promise<string> {
  const to = join(fresh(), `o.${extension}`);
  await ok(['export', path(name), '-o', to, '--subtitles', 'burn', '--speed', 'ultrafast', ...flags]);
  expect(probe(to).streams.map(({ codec_type }) => codec_type)).toEqual(['video']);
  expect(complaints(to)).toBe('');
  return to;
}

const white = (luma: readonly number[]): readonly number[] => luma.flatMap((value, n) => (value > 200 ? [n] : []));

beforeAll(() => {
  writeSup(path('boxes.sup'), [320, 180], BOXES);
  film('pgs.mkv', 'copy');
  film('dvd.mkv', 'dvdsub');
  film('dvb.ts', 'dvbsub');
});

describe('subtitles made of pictures, burned', () => {
  const kinds = [
    ['pgs.mkv', 'hdmv_pgs_subtitle'],
    ['dvd.mkv', 'dvd_subtitle'],
    ['dvb.ts', 'dvb_subtitle'],
  ] as const;
  test.each(oneOf(2, kinds))('come and go with their pictures: %s', async (name, codec) => {
    expect(probe(path(name)).streams.map(({ codec_name }) => codec_name)).toContain(codec);
    const file = await delivered(name, 'mp4');
    expect(white(await lumaThrough(file, 160, 145))).toEqual(SHOWN);
    expect(white(await lumaThrough(file, 40, 145))).toEqual([]);
  });

  test('are white where they are white, and leave the rest of the picture as it is', async () => {
    const file = await delivered('pgs.mkv', 'mp4', '--crf', '8');
    const inside = await lumaThrough(file, 160, 145);
    const beside = await lumaThrough(file, 160, 60);
    expect(Math.abs((inside[15] ?? 0) - 255)).toBeLessThanOrEqual(3);
    expect(Math.max(...beside) - Math.min(...beside)).toBeLessThanOrEqual(2);
  });

  test('have their colours, by the numbers of the picture', async () => {
    // BT.601, as the decoder reads small canvases: red.
    writeSup(path('red.sup'), [320, 180], [{ fromSec: 0, toSec: 3, ...BOX, colour: [81, 90, 240] }]);
    film('red.mkv', 'copy', [], 'red.sup');
    const file = await delivered('red.mkv', 'mp4', '--crf', '8');
    const [[r = 0, g = 0, b = 0] = []] = await coloursAt(file, 320, [[0.5, 0.8]]);
    expect([r > 245, g < 10, b < 10], `${r} ${g} ${b}`).toEqual([true, true, true]);
  });

  test.each([
    ['a part', ['--start', '0.8', '--duration', '1.4'], (n: number) => n - 20, 35],
    ['a part at another rate', ['--start', '0.8', '--duration', '1.4', '--fps', '50'], (n: number) => n - 20, 35],
  ])('are those of %s, one that began before it too', async (_name, flags, at, count) => {
    const file = await delivered('pgs.mkv', 'mp4', ...flags);
    const times = flags.includes('--fps') ? 2 : 1;
    const wanted = SHOWN.map(at).filter((n) => n >= 0 && n < count);
    const pictures = wanted.flatMap((n) => range(n * times, (n + 1) * times));
    expect(white(await lumaThrough(file, 160, 145))).toEqual(pictures);
  });

  const placed = [
    ['larger', ['--resolution', '640x360'], [320, 290], [320, 240]],
    ['with bars', ['--resolution', '320x320', '--fit', 'pad'], [160, 215], [160, 260]],
    ['cut', ['--crop', '160:120:80:60'], [80, 85], [80, 60]],
    ['filled', ['--resolution', '180x180', '--fit', 'cover'], [90, 145], [90, 120]],
    ['turned', ['--rotate', '90'], [90, 233], [90, 205]],
  ] as const;
  test.each(oneOf(2, placed))(
    'lie where they lay on a picture that is made %s',
    async (_name, flags, inside, outside) => {
      const file = await delivered('pgs.mkv', 'mp4', '--upscale', ...flags);
      expect(white(await lumaThrough(file, inside[0], inside[1]))).toEqual(SHOWN);
      expect(white(await lumaThrough(file, outside[0], outside[1]))).toEqual([]);
    },
  );

  const encoded = [
    ['mov', ['--codec', 'prores']],
    ['mov', ['--codec', 'dnxhr']],
    ['mp4', ['--codec', 'h265']],
    ['mp4', ['--bitrate', '800k', '--two-pass']],
  ] as const;
  test.each(oneOf(2, encoded))('go into %s with %j', async (extension, flags) => {
    const bigger = extension === 'mov' ? ['--resolution', '640x360', '--upscale'] : [];
    const file = await delivered('pgs.mkv', extension, ...flags, ...bigger);
    const by = bigger.length > 0 ? 2 : 1;
    expect(white(await lumaThrough(file, 160 * by, 145 * by))).toEqual(SHOWN);
  });

  test('are part of what the output is compared with', async () => {
    const to = join(fresh(), 'o.mp4');
    const flags = ['--subtitles', 'burn', '--verify', 'full', '--min-ssim', '0.97', '--crf', '10', '--json'];
    const run = await ok(['export', path('pgs.mkv'), '-o', to, ...flags]);
    const result = resultOf(run);
    expect(result).toMatchObject({ verification: { ok: true } });
    expect(result.settings).toMatchObject({ subtitles: { mode: 'burn', track: 1, codec: 'hdmv_pgs_subtitle' } });
  });

  test('are refused where no picture can take them', async () => {
    const folder = fresh();
    const to = join(folder, 'o.mov');
    const flags = ['--subtitles', 'burn', '--codec', 'prores', '--quality', 'ultra'];
    const run = await sg(['export', path('pgs.mkv'), '-o', to, ...flags]);
    expectRefusal(run, 4);
    expect(run.stderr).toContain('cannot draw pictures into');
    expect(listing(folder)).toEqual([]);
  });
});
