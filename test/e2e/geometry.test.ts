import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { ffmpeg, probe } from '../support/clips.ts';
import { TURNS, type Turn, withMatrix } from '../support/display-matrix.ts';
import { alphaRow, coloursAt, lumaOf, ssimOf } from '../support/measured-pictures.ts';
import { fresh, ok, ROOT, resultOf } from '../support/run-cli.ts';

// Where things are in the finished picture, not what the file says of itself.
const path = (name: string) => join(ROOT, name);
const LOSSLESS = ['-c:v', 'ffv1', '-pix_fmt', 'yuv420p'];
const BT709 = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'];
// ProRes is written by what the pictures say, not the options.
const TAGGED = ['-vf', 'setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv'];
const make = (graph: string, name: string, codec: readonly string[] = [...LOSSLESS, ...BT709]) =>
  ffmpeg(['-f', 'lavfi', '-i', graph, ...codec, path(name)]);

async function delivered(name: string, ...flags: readonly string[]) {
  const [extension] = flags[0]?.startsWith('.') ? flags : ['.mp4'];
  const rest = flags[0]?.startsWith('.') ? flags.slice(1) : flags;
  const args = ['export', path(name), '-o', join(fresh(), `o${extension}`), '--speed', 'ultrafast', '--json', ...rest];
  const result = resultOf(await ok(args));
  const file = String((result.output_files as readonly string[])[0]);
  const film = probe(file).streams.find((stream) => stream.codec_type === 'video') ?? {};
  expect(film.sample_aspect_ratio).toBe('1:1');
  expect(film.side_data_list, 'a matrix is left').toBeUndefined();
  return { file, width: Number(film.width), height: Number(film.height), warnings: String(result.warnings) };
}

const AS_IT_IS: Turn = { a: 1, b: 0, c: 0, d: 1 };
const NAMES = ['red', 'green', 'blue', 'white'] as const;
type Colour = (typeof NAMES)[number] | 'black' | 'mixed';
/** Where each corner is: left −1, right 1; top −1, bottom 1. */
const CORNERS: Readonly<Record<(typeof NAMES)[number], readonly [number, number]>> = {
  red: [-1, -1],
  green: [1, -1],
  blue: [-1, 1],
  white: [1, 1],
};

function named(rgb: readonly number[]): Colour {
  const key = rgb.map((one) => (one > 170 ? 1 : one < 90 ? 0 : 9)).join('');
  return ({ '100': 'red', '010': 'green', '001': 'blue', '111': 'white', '000': 'black' }[key] as Colour) ?? 'mixed';
}

/** Colours of the four corners from the top left, in reading order. */
async function cornersOf(file: string, width: number): Promise<readonly Colour[]> {
  const points = [0.25, 0.75].flatMap((y) => [0.25, 0.75].map((x) => [x, y] as const));
  return (await coloursAt(file, width, points)).map(named);
}

/** What a player shows of the four corners, by the matrix alone. */
function shownCorners({ a, b, c, d }: Turn): readonly Colour[] {
  const at = (x: number, y: number) =>
    NAMES.find((name) => {
      const [sx, sy] = CORNERS[name];
      return a * sx + c * sy === x && b * sx + d * sy === y;
    }) ?? 'mixed';
  return [at(-1, -1), at(1, -1), at(-1, 1), at(1, 1)];
}

beforeAll(() => {
  const patch = (colour: string) => `color=${colour}:s=80x50:r=25:d=0.4`;
  const graph = `${NAMES.map((name, n) => `${patch(name === 'green' ? '0x00ff00' : name)}[${n}]`).join(';')};[0][1]hstack[a];[2][3]hstack[b];[a][b]vstack`;
  make(graph, 'corners.mp4', ['-c:v', 'libx264', '-crf', '4', '-pix_fmt', 'yuv420p', ...BT709]);
  for (const [name, turn] of Object.entries(TURNS)) withMatrix(path('corners.mp4'), path(`${name}.mp4`), turn);
});

describe('a picture that its container turns', () => {
  it.each(Object.entries(TURNS))('%s stands as a player shows it', async (name, turn) => {
    const { file, width, height } = await delivered(`${name}.mp4`);
    expect([width, height]).toEqual(turn.a === 0 ? [100, 160] : [160, 100]);
    expect(await cornersOf(file, width)).toEqual(shownCorners(turn));
  });

  it.each(Object.entries(TURNS).slice(1, 4))('%s and made smaller, in the same proportions', async (name, turn) => {
    const { file, width, height } = await delivered(
      `${name}.mp4`,
      '--resolution',
      turn.a === 0 ? '50x80' : '80x50',
      '--fit',
      'contain',
    );
    expect(turn.a === 0 ? [height, width] : [width, height]).toEqual([80, 50]);
    expect(await cornersOf(file, width)).toEqual(shownCorners(turn));
  });

  const clockwise = ['as it is', 'a quarter clockwise', 'upside down', 'a quarter counterclockwise'] as const;
  const asked = clockwise.map((name, n) => [name, (90 * n + 270) % 360] as const);
  const mirrored = ['mirrored left to right', 'mirrored on its diagonal'].map((name) => [name, 90] as const);
  it.each([...asked, ...mirrored, ['a quarter clockwise', 0] as const])(
    '%s, with --rotate %i in place of it',
    async (name, degrees) => {
      const { file, width } = await delivered(`${name}.mp4`, '--rotate', `${degrees}`);
      expect(await cornersOf(file, width)).toEqual(shownCorners(TURNS[clockwise[degrees / 90] ?? ''] ?? AS_IT_IS));
    },
  );
});

/** Length of the white run in a row of luma. */
const run = (row: readonly number[]): number => row.filter((luma) => luma > 140).length;

describe('pixels that are not square', () => {
  const kinds = [
    ['32:27', 54],
    ['64:45', 45],
  ] as const;
  beforeAll(() => {
    for (const [aspect, stored] of kinds) {
      const box = `drawbox=x=(iw-${stored})/2:y=40:w=${stored}:h=64:color=white:t=fill`;
      make(
        `color=black:s=180x144:r=25:d=0.4,${box},setsar=${aspect.replace(':', '/')}`,
        `sar-${aspect.replace(':', '-')}.mkv`,
      );
    }
  });
  const frames = [[], ['--resolution', '120x120', '--fit', 'cover'], ['--resolution', '240x100', '--fit', 'contain']];
  it.each(
    oneOf(
      2,
      kinds.flatMap(([aspect]) => frames.map((flags) => [aspect, flags] as const)),
    ),
  )('%s with %j: a square stays a square', async (aspect, flags) => {
    const { file, width, height } = await delivered(`sar-${aspect.replace(':', '-')}.mkv`, ...flags);
    const middle = 2 * Math.floor(height / 4);
    const across = run(await lumaOf(file, 0, `${width}:1:0:${middle}`));
    const down = run(await lumaOf(file, 0, `1:${height}:${2 * Math.floor(width / 4)}:0`));
    expect(across).toBeGreaterThan(20);
    expect(Math.abs(across - down), `${across} x ${down}`).toBeLessThanOrEqual(2);
  });
});

describe('sizes', () => {
  test('an odd row and column are cut, and every other pixel stays', async () => {
    make('testsrc2=s=170x100:r=25:d=0.4,format=yuv444p,crop=161:91', 'odd.mkv', [
      '-c:v',
      'ffv1',
      '-pix_fmt',
      'yuv420p',
      ...BT709,
    ]);
    const { file, width, height, warnings } = await delivered('odd.mkv', '--crf', '6');
    expect([width, height]).toEqual([160, 90]);
    expect(warnings).toContain('odd side');
    ffmpeg(['-i', path('odd.mkv'), '-vf', 'crop=160:90:0:0:exact=1', ...LOSSLESS, path('even.mkv')]);
    expect(await ssimOf(file, path('even.mkv'))).toBeGreaterThan(0.98);
  });

  it.each([
    // A name bounds the short side; a phone's matrix makes a portrait of what is stored lying.
    ['a quarter clockwise.mp4', ['--resolution', '360p', '--upscale'], [360, 576]],
    ['as it is.mp4', ['--resolution', '360p', '--upscale'], [576, 360]],
    [
      'a quarter clockwise.mp4',
      ['--platform', 'tiktok', '--allow', 'min_duration', '--resolution', '480p_v'],
      [480, 854],
    ],
    ['a quarter clockwise.mp4', ['--resolution', '160x90', '--fit', 'stretch'], [160, 90]],
  ] as const)('%s with %j has its corners in their place', async (name, flags, size) => {
    const { file, width, height } = await delivered(name, ...flags);
    expect([width, height]).toEqual(size);
    const turn = TURNS[name.slice(0, -4)] ?? AS_IT_IS;
    expect(await cornersOf(file, width)).toEqual(shownCorners(turn));
  });

  test('pad puts black around it, cover leaves none', async () => {
    const at = [
      [0.5, 0.02],
      [0.25, 0.45],
      [0.75, 0.55],
      [0.5, 0.98],
    ] as const;
    const pad = await delivered('as it is.mp4', '--resolution', '90x160');
    expect((await coloursAt(pad.file, 90, at)).map(named)).toEqual(['black', 'red', 'white', 'black']);
    const cover = await delivered('as it is.mp4', '--resolution', '90x160', '--fit', 'cover');
    expect(await cornersOf(cover.file, 90)).toEqual(shownCorners(AS_IT_IS));
  });
});

describe('transparency', () => {
  /** Red: opaque, half, not at all. */
  const bars = [255, 128, 0] as const;
  beforeAll(() => {
    const bar = (alpha: number) => `color=red:s=60x90:r=25:d=0.4,format=rgba,colorchannelmixer=aa=${alpha / 255}`;
    const hd = (format: string) => `,scale=out_color_matrix=bt709:out_range=tv,format=${format}`;
    const graph = `${bars.map((alpha, n) => `${bar(alpha)}[${n}]`).join(';')};[0][1][2]hstack=3`;
    make(graph, 'alpha.mov', ['-c:v', 'png', '-pix_fmt', 'rgba']);
    make(graph + hd('yuva444p10le'), 'prores.mov', [
      '-c:v',
      'prores_ks',
      '-profile:v',
      '4',
      '-pix_fmt',
      'yuva444p10le',
      ...TAGGED,
    ]);
    const vp9 = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-crf', '10', '-b:v', '0'];
    make(graph + hd('yuva420p'), 'vp9.webm', [...vp9, '-pix_fmt', 'yuva420p', '-auto-alt-ref', '0', ...BT709]);
  });
  const middles = (row: readonly number[]) => [30, 90, 150].map((x) => row[x] ?? -1);

  const sources = ['alpha.mov', 'prores.mov', 'vp9.webm'];
  const kept = sources.flatMap((name) => [
    [name, '.mov', ['--codec', 'prores', '--quality', 'ultra'], undefined] as const,
    [name, '.webm', ['--codec', 'vp9'], 'libvpx-vp9'] as const,
  ]);
  it.each(oneOf(5, kept))('of %s is kept in %s with %j', async (name, extension, flags, decoder) => {
    const { file, warnings } = await delivered(name, extension, ...flags);
    expect(warnings).not.toContain('transparency');
    const found = middles(await alphaRow(file, 180, decoder));
    for (const [n, alpha] of bars.entries())
      expect(Math.abs((found[n] ?? 999) - alpha), `${found}`).toBeLessThanOrEqual(4);
  });

  const laid = sources.flatMap((name) => [
    [name, '.mp4', []] as const,
    [name, '.mov', ['--codec', 'prores', '--quality', 'medium']] as const,
  ]);
  it.each(oneOf(3, laid))('of %s is laid on black in %s with %j, with a warning', async (name, extension, flags) => {
    const { file, warnings } = await delivered(name, extension, ...flags);
    expect(warnings).toContain('laid on black');
    const points = [1 / 6, 1 / 2, 5 / 6].map((x) => [x, 0.5] as const);
    const reds = (await coloursAt(file, 180, points)).map(([red = -1]) => red);
    for (const [n, alpha] of bars.entries())
      expect(Math.abs((reds[n] ?? 999) - alpha), `${reds}`).toBeLessThanOrEqual(8);
  });
});
