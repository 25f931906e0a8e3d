import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { ffmpeg, streamValue } from '../support/clips.ts';
import { mdcvIntoMp4 } from '../support/hdr-boxes.ts';
import { asBt709, BARS, codesOf, readBars, worstStep, writeBars } from '../support/measured-colours.ts';
import { delivered, ok, ROOT } from '../support/run-cli.ts';

// Colours as a display shows them: exact codes go in, what comes out is read by its own tags.
const FFV1 = ['-c:v', 'ffv1'];
const path = (name: string) => join(ROOT, name);
const tags = (matrix: string, primaries: string, transfer: string, range = 'tv') => [
  ...['-colorspace', matrix, '-color_primaries', primaries, '-color_trc', transfer, '-color_range', range],
];

const HD = { matrix: 'bt709', primaries: 'bt709', transfer: 'bt709', range: 'tv' };

describe('standard definition becomes high definition', () => {
  const cases = [
    ['525 lines', 'smpte170m', 'smpte170m'],
    ['625 lines', 'bt470bg', 'bt470bg'],
  ] as const;
  beforeAll(() => {
    for (const [, matrix, primaries] of cases)
      for (const depth of [8, 10]) {
        const format = depth === 8 ? 'yuv420p' : 'yuv422p10le';
        const bars = BARS.map((rgb) => codesOf(rgb, matrix, depth));
        writeBars(path(`${matrix}-${depth}.mkv`), bars, format, [...FFV1, ...tags(matrix, primaries, 'smpte170m')]);
      }
  });

  const size = ['--resolution', '1280x720'];
  it.each(
    cases.flatMap(([lines, matrix, primaries]) => [
      [lines, matrix, primaries, 8, 'mp4', size] as const,
      [lines, matrix, primaries, 10, 'mov', ['--codec', 'prores', ...size]] as const,
      [lines, matrix, primaries, 8, 'mp4', ['--platform', 'instagram', '--allow', 'min_duration', ...size]] as const,
    ]),
  )('%s (%s, %s, %i bits) to %s with %j: BT.709 numbers under BT.709 tags', async (...given) => {
    const [, matrix, primaries, depth, extension, flags] = given;
    const { file } = await delivered(`${matrix}-${depth}.mkv`, extension, ...flags);
    const found = readBars(file, BARS.length);
    expect(found).toMatchObject(HD);
    const wanted = BARS.map((rgb) => asBt709(rgb, primaries));
    expect(worstStep(found.rgb, wanted), JSON.stringify(found.rgb)).toBeLessThanOrEqual(3);
  });

  it.each(cases)('%s become BT.709 at their own size in DNxHR, which has nothing else', async (...given) => {
    const [, matrix, primaries] = given;
    for (const depth of [8, 10]) {
      const { file } = await delivered(`${matrix}-${depth}.mkv`, 'mov', '--codec', 'dnxhr', '--quality', 'high');
      const found = readBars(file, BARS.length);
      expect(found).toMatchObject(HD);
      const wanted = BARS.map((rgb) => asBt709(rgb, primaries));
      expect(worstStep(found.rgb, wanted), JSON.stringify(found.rgb)).toBeLessThanOrEqual(3);
    }
  });

  it.each(cases)('%s become BT.709 at their own size where a platform wants it', async (_lines, matrix, primaries) => {
    const { file } = await delivered(`${matrix}-8.mkv`, 'mp4', '--platform', 'youtube', '--quality', 'ultra');
    const found = readBars(file, BARS.length);
    expect(found).toMatchObject(HD);
    expect(streamValue(file, 'video', 'height')).toBe('180');
    const wanted = BARS.map((rgb) => asBt709(rgb, primaries));
    expect(worstStep(found.rgb, wanted), JSON.stringify(found.rgb)).toBeLessThanOrEqual(3);
    const verdicts = async (one: string) => {
      const { rules } = JSON.parse((await ok(['validate', '--file', one, '--platform', 'youtube', '--json'])).stdout);
      return rules.filter(({ rule }: { rule: string }) => rule === 'colour_space');
    };
    expect(await verdicts(file)).toMatchObject([{ verdict: 'pass' }]);
    const { file: kept } = await delivered(`${matrix}-8.mkv`, 'mp4');
    expect(await verdicts(kept)).toMatchObject([{ verdict: 'warn', wanted: 'BT.709' }]);
  });

  it.each(
    cases.flatMap(([lines, matrix, primaries]) => [
      [lines, [], matrix, primaries] as const,
      [lines, ['--platform', 'instagram', '--allow', 'min_duration'], matrix, primaries] as const,
    ]),
  )('%s stay what they are at their own size with %j', async (_lines, flags, matrix, primaries) => {
    const { file } = await delivered(`${matrix}-8.mkv`, 'mp4', ...flags);
    const found = readBars(file, BARS.length);
    expect(found).toMatchObject({ matrix, primaries, transfer: 'smpte170m', range: 'tv' });
    expect(worstStep(found.rgb, BARS), JSON.stringify(found.rgb)).toBeLessThanOrEqual(3);
  });
});

describe('every kind of pixel', () => {
  const full = (matrix: string) => BARS.map((rgb) => codesOf(rgb, matrix, 8, true));
  const bt709 = (depth: number) => BARS.map((rgb) => codesOf(rgb, 'bt709', depth));
  const hd = tags('bt709', 'bt709', 'bt709');
  beforeAll(() => {
    const mjpeg = ['-c:v', 'mjpeg', '-q:v', '1', ...tags('bt709', 'bt709', 'bt709', 'pc')];
    // JPEG has BT.601's matrix (JFIF), whatever the container says.
    writeBars(path('full.mov'), full('bt470bg'), 'yuvj420p', mjpeg);
    writeBars(path('full444.mkv'), full('bt709'), 'yuv444p', [...FFV1, ...tags('bt709', 'bt709', 'bt709', 'pc')]);
    writeBars(path('444.mkv'), bt709(8), 'yuv444p', [...FFV1, ...hd]);
    writeBars(path('422-10.mkv'), bt709(10), 'yuv422p10le', [...FFV1, ...hd]);
    writeBars(path('grey.mkv'), bt709(8), 'gray', [...FFV1, ...hd]);
    for (const [name, format, codec] of [
      ['gbrp.mkv', 'gbrp', 'ffv1'],
      ['png.mov', 'rgb24', 'png'],
      ['palette.gif', 'pal8', 'gif'],
    ] as const) {
      const colours = BARS.map((bar) =>
        bar
          .map((one) =>
            Math.round(one * 255)
              .toString(16)
              .padStart(2, '0'),
          )
          .join(''),
      );
      const inputs = colours.flatMap((one) => ['-f', 'lavfi', '-i', `color=0x${one}:s=40x180:r=25:d=1,format=gbrp`]);
      const stack = `${colours.map((_, n) => `[${n}]`).join('')}hstack=${colours.length}`;
      const look = format === 'pal8' ? `${stack},format=rgb24,split[a][b];[a]palettegen[p];[b][p]paletteuse` : stack;
      ffmpeg([...inputs, '-filter_complex', look, '-pix_fmt', format, '-c:v', codec, path(name)]);
    }
  });

  const sources = ['full.mov', 'full444.mkv', '444.mkv', '422-10.mkv', 'gbrp.mkv', 'png.mov', 'palette.gif'];
  const targets = [
    ['mp4', ['--crf', '12'], /^yuv420p$/],
    ['mov', ['--codec', 'prores'], /^yuv422p10le$/],
  ] as const;
  const inProres = ['full.mov', '444.mkv', '422-10.mkv', 'gbrp.mkv'];
  const pairs = sources.flatMap((name) =>
    targets.slice(0, inProres.includes(name) ? 2 : 1).map((to) => [name, ...to] as const),
  );
  it.each(oneOf(2, pairs))('%s to %s with %j', async (name, extension, flags, format) => {
    const { file } = await delivered(name, extension, ...flags);
    const found = readBars(file, BARS.length);
    expect(found).toMatchObject(name === 'full.mov' ? { ...HD, matrix: 'bt470bg' } : HD);
    expect(found.format).toMatch(format);
    expect(worstStep(found.rgb, BARS), JSON.stringify(found.rgb)).toBeLessThanOrEqual(3);
  });

  it.each(targets)('greys keep their light, in %s with %j', async (extension, flags, format) => {
    const { file } = await delivered('grey.mkv', extension, ...flags);
    const found = readBars(file, BARS.length);
    expect(found).toMatchObject({ range: 'tv' });
    expect(found.format).toMatch(format);
    const wanted = bt709(8).map(([luma]) => luma);
    for (const [n, luma] of wanted.entries()) expect(Math.abs((found.luma[n] ?? 0) - luma)).toBeLessThanOrEqual(2);
    for (const [r, g, b] of found.rgb) expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThan(0.02);
  });
});

describe('a source that does not say what its colours are', () => {
  const cases = [
    ['sd.mkv', 'smpte170m', [320, 180]],
    ['pal.mkv', 'bt470bg', [360, 288]],
    ['hd.mkv', 'bt709', [1280, 720]],
  ] as const;
  it.each(cases)('%s is taken for %s, with a warning', async (name, matrix, size) => {
    const bars = BARS.map((rgb) => codesOf(rgb, matrix, 8));
    writeBars(path(name), bars, 'yuv420p', FFV1, size);
    const { file, warnings } = await delivered(name, 'mp4', '--duration', '0.4');
    expect(warnings).toContain(`taken as ${matrix}`);
    const found = readBars(file, BARS.length);
    expect(found).toMatchObject({ matrix, range: 'tv' });
    expect(worstStep(found.rgb, BARS), JSON.stringify(found.rgb)).toBeLessThanOrEqual(3);
  });
});

// ITU-R BT.2408-7, table 1: a grey card of 18 % is at 26 cd/m² (PQ 38 %, HLG 38 %), diffuse white at 203 cd/m² (58 %, 75 %).
const HDR_LIGHTS = {
  smpte2084: [0, 0.3779, 0.5807, 0.7518],
  'arib-std-b67': [0, 0.38, 0.75, 1],
} as const;
const HDR_TAGS = (transfer: string) => tags('bt2020nc', 'bt2020', transfer);
const MASTERING =
  'log-level=error:hdr10=1:repeat-headers=1:master-display=G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,50):max-cll=1000,203';
const CLAIMS = {
  'Mastering display metadata': [0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329, 0.005, 1000],
  'Content light level metadata': [1000, 203],
};

function writeHdr(name: string, transfer: keyof typeof HDR_LIGHTS, codec: readonly string[]): void {
  const bars = HDR_LIGHTS[transfer].map((signal) => codesOf([signal, signal, signal], 'bt2020nc', 10));
  writeBars(path(name), bars, 'yuv420p10le', [...codec, ...HDR_TAGS(transfer)]);
}

/** What the first picture and its container say of HDR, as numbers in ffprobe's order. */
function claimsOf(file: string): Readonly<Record<string, readonly number[]>> {
  const show = ['-select_streams', 'V:0', '-read_intervals', '%+#1', '-show_streams', '-show_frames', '-of', 'json'];
  const found = JSON.parse(execFileSync('ffprobe', ['-v', 'error', ...show, `file:${file}`], { encoding: 'utf8' }));
  type Said = { readonly side_data_list?: readonly Readonly<Record<string, string | number>>[] };
  const said = [...found.frames, ...found.streams].flatMap((one: Said) => one.side_data_list ?? []);
  return Object.fromEntries(
    said.flatMap(({ side_data_type: type, ...rest }) => {
      if (!/^(Mastering display|Content light level)/.test(String(type))) return [];
      const numbers = Object.values(rest).map((value) => {
        const [num = Number.NaN, den = 1] = String(value).split('/').map(Number);
        return Math.round((num / den) * 10_000) / 10_000;
      });
      return [[String(type), numbers]];
    }),
  );
}

describe('HDR', () => {
  beforeAll(() => {
    writeHdr('pq.mkv', 'smpte2084', FFV1);
    writeHdr('hlg.mkv', 'arib-std-b67', FFV1);
    writeHdr('hdr10.mp4', 'smpte2084', ['-c:v', 'libx265', '-x265-params', MASTERING, '-tag:v', 'hvc1']);
    mdcvIntoMp4(path('hdr10.mp4'), path('boxes.mp4'));
    ffmpeg(['-i', path('boxes.mp4'), '-c', 'copy', path('boxes.mkv')]);
  });

  test('the sources are what they shall be', () => {
    expect(claimsOf(path('pq.mkv'))).toEqual({});
    for (const name of ['hdr10.mp4', 'boxes.mp4', 'boxes.mkv']) expect(claimsOf(path(name)), name).toEqual(CLAIMS);
  });

  it.each([
    ['pq.mkv', 'mp4', []],
    ['hlg.mkv', 'mp4', []],
    ['hdr10.mp4', 'mp4', ['--codec', 'h265', '--hdr', 'tonemap']],
    ['boxes.mp4', 'mp4', []],
    ['boxes.mkv', 'mkv', ['--codec', 'h265', '--hdr', 'tonemap']],
    ['boxes.mp4', 'webm', ['--hdr', 'tonemap']],
  ] as const)(
    'of %s becomes SDR in %s with %j: white is white, grey is grey, and nothing says HDR',
    async (...given) => {
      const [name, extension, flags] = given;
      const { file, warnings } = await delivered(name, extension, ...flags);
      expect(warnings).toContain('tone-mapped');
      const found = readBars(file, 4);
      expect(found).toMatchObject(HD);
      expect(claimsOf(file)).toEqual({});
      const [black = -1, grey = -1, white = -1, peak = -1] = found.rgb.map(([, green]) => green);
      expect(Math.abs(black)).toBeLessThan(0.01);
      // A grey card of 18 % is at 41 % in SDR (BT.709's curve) and at 43 % where its 12.8 % of white are shown (BT.1886).
      expect(grey).toBeGreaterThan(0.36);
      expect(grey).toBeLessThan(0.48);
      // Room for highlights is left above diffuse white, no more than a tenth (BT.2408, annex 5, puts SDR's at 90 to 100 %).
      expect(white).toBeGreaterThan(0.88);
      expect(white).toBeLessThanOrEqual(0.97);
      expect(peak).toBeGreaterThan(0.97);
      expect(peak).toBeLessThan(1.02);
      for (const [r, g, b] of found.rgb) expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThan(0.02);
    },
  );

  const kept = [
    ['h265', 'mp4'],
    ['h265', 'mkv'],
    ['av1', 'mp4'],
    ['av1', 'mkv'],
    ['vp9', 'mp4'],
    ['vp9', 'mkv'],
    ['vp9', 'webm'],
  ] as const;
  const films = kept.flatMap(([codec, extension]) => {
    const both = codec === 'vp9' || extension === 'mkv';
    return ['hdr10.mp4', ...(both ? ['boxes.mp4'] : [])].map((name) => [name, codec, extension] as const);
  });
  it.each(oneOf(3, films))(
    '%s: light and all that is said of it are kept by %s in %s',
    async (name, codec, extension) => {
      const { file, warnings } = await delivered(name, extension, '--codec', codec, '--hdr', 'keep');
      const found = readBars(file, 4);
      expect(found).toMatchObject({ matrix: 'bt2020nc', primaries: 'bt2020', transfer: 'smpte2084', range: 'tv' });
      expect(found.format).toBe('yuv420p10le');
      for (const [at, signal] of HDR_LIGHTS.smpte2084.entries())
        expect(Math.abs((found.rgb[at]?.[1] ?? 9) - signal)).toBeLessThan(0.01);
      // libvpx has no place for it in the stream: what the container says is passed on, what only the pictures say is lost.
      const lost = codec === 'vp9' && name === 'hdr10.mp4';
      expect(warnings.includes('mastering display')).toBe(lost);
      expect(claimsOf(file)).toEqual(lost ? {} : CLAIMS);
    },
  );
});
