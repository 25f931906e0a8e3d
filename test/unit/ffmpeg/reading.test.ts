import { describe, expect, test } from 'vitest';
import { lineSplitter, lineTail } from '../../../src/ffmpeg/lines.ts';
import { bitDepthOf, hasAlpha } from '../../../src/ffmpeg/pixel-format.ts';
import { progressReader } from '../../../src/ffmpeg/progress.ts';
import { hdrOf, orientationOf } from '../../../src/ffmpeg/side-data.ts';
import { isTooOld, parseEncoders, parseFilters, parseVersion } from '../../../src/ffmpeg/version.ts';
import type { FfmpegProgress } from '../../../src/model/process.ts';

function progressOf(text: string): readonly FfmpegProgress[] {
  const seen: FfmpegProgress[] = [];
  const read = progressReader((progress) => seen.push(progress));
  for (const line of text.split('\n')) read(line);
  return seen;
}

describe('progress', () => {
  test('only out_time_us is a time: out_time_ms is microseconds too', () => {
    const [seen] = progressOf(
      'frame=50\nfps=24.98\ntotal_size=1048\nout_time_us=2000000\nout_time_ms=2000000\nspeed= 1.01x\nprogress=continue',
    );
    expect(seen).toEqual({ outTimeSec: 2, frame: 50, fps: 24.98, speed: 1.01, totalBytes: 1048 });
  });
  test('N/A, missing and absurd figures are null', () => {
    const nothing = { outTimeSec: null, frame: null, fps: null, speed: null, totalBytes: null };
    expect(progressOf('total_size=N/A\nout_time_us=N/A\nspeed=N/A\nprogress=continue')).toEqual([nothing]);
    expect(progressOf('out_time_us=-9223372036854775807\nprogress=end')).toEqual([nothing]);
    expect(progressOf('out_time_ms=5000000\nprogress=continue')).toEqual([nothing]);
  });
  test('averages that are not known yet are null', () => {
    const [seen] = progressOf('frame=0\nfps=0.00\nout_time_us=0\nspeed=   0x\nprogress=continue');
    expect(seen).toEqual({ outTimeSec: 0, frame: 0, fps: null, speed: null, totalBytes: null });
  });
  test('a little before zero is zero, and nothing of one block is kept for the next', () => {
    const seen = progressOf('frame=1\nout_time_us=-21333\nprogress=continue\nout_time_us=40000\nprogress=continue');
    expect(seen.map((progress) => [progress.outTimeSec, progress.frame])).toEqual([
      [0, 1],
      [0.04, null],
    ]);
  });
  test('lines that are none of it do no harm', () => {
    expect(progressOf('hello\n=\nframe\nprogress')).toEqual([]);
  });
});

describe('lines', () => {
  const split = (chunks: readonly Buffer[]) => {
    const lines: string[] = [];
    const splitter = lineSplitter((line) => lines.push(line));
    for (const chunk of chunks) splitter.push(chunk);
    splitter.end();
    return lines;
  };
  test('are the same whatever the chunks, in the middle of a letter too', () => {
    const bytes = Buffer.from('eins\r\nzwölf\rdrei\n\nletzte');
    for (const size of [1, 2, 3, 7, 100]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      expect(split(chunks)).toEqual(['eins', 'zwölf', 'drei', 'letzte']);
    }
  });
  test('repeats are folded', () => {
    const tail = lineTail();
    for (const line of ['a', 'a', 'b', 'c', 'c', 'c']) tail.add(line);
    expect(tail.lines()).toEqual([
      'a',
      '(the line above came 1 more time)',
      'b',
      'c',
      '(the line above came 2 more times)',
    ]);
  });
  test('only the last are kept', () => {
    const tail = lineTail(3);
    for (let i = 0; i < 100; i++) tail.add(String(i));
    expect(tail.lines()).toEqual(['97', '98', '99']);
  });
});

describe('versions', () => {
  test.each([
    ['5.1.9-0+deb12u1', [5, 1], false],
    ['n6.1.1', [6, 1], false],
    ['7.0.2-static', [7, 0], false],
    ['8.0', [8, 0], false],
    ['5.1', [5, 1], false],
    ['5.0.3', [5, 0], true],
    ['4.4.2-0ubuntu0.22.04.1', [4, 4], true],
    ['4.0.2', [4, 0], true],
    ['N-112345-g0123abcd', [999, 0], false],
    ['2023-01-30-git-2d202985b7-full_build', [999, 0], false],
    ['git-2020-06-15-9d80f3e', [999, 0], false],
  ])('%s', (version, release, tooOld) => {
    const parsed = parseVersion('ffmpeg', `ffmpeg version ${version} Copyright (c) 2000-2026 the FFmpeg developers\n`);
    expect(parsed).toEqual({ version, release });
    expect(isTooOld(parsed?.release ?? [0, 0])).toBe(tooOld);
  });
  test('another program is none', () => {
    expect(parseVersion('ffmpeg', 'ffprobe version 5.1')).toBeUndefined();
    expect(parseVersion('ffprobe', 'GNU coreutils 9.1')).toBeUndefined();
  });
  test('the tables list names, not their legends', () => {
    const encoders =
      'Encoders:\n V..... = Video\n ...... = x\n ------\n V....D libx264              H.264\n A....D aac                  AAC\n';
    expect(parseEncoders(encoders)).toEqual(['libx264', 'aac']);
    const filters =
      'Filters:\n  T.. = Timeline support\n ... abench            A->A       Bench\n TSC scale            V->V       Scale\n .. movie             |->N       Movie\n';
    expect(parseFilters(filters)).toEqual(['abench', 'scale', 'movie']);
  });
});

describe('pixel formats', () => {
  test.each([
    ['yuv420p', 8],
    ['yuvj420p', 8],
    ['nv12', 8],
    ['rgb24', 8],
    ['yuv420p10le', 10],
    ['yuv422p10be', 10],
    ['yuva444p12le', 12],
    ['p010le', 10],
    ['p416le', 16],
    ['gbrp14le', 14],
    ['gbrap16le', 16],
    ['gray12le', 12],
    ['gray', 8],
    ['rgb48le', 16],
    ['rgba64be', 16],
    ['x2rgb10le', 10],
    ['y210le', 10],
    ['xyz12le', 12],
    ['gbrpf32le', 32],
    ['monow', 1],
  ])('%s has %i bits', (name, bits) => {
    expect(bitDepthOf(name)).toBe(bits);
  });
  test('alpha', () => {
    for (const name of ['yuva420p', 'rgba', 'argb', 'gbrap12le', 'ya8', 'rgba64le', 'ayuv64le'])
      expect(hasAlpha(name)).toBe(true);
    for (const name of ['yuv420p', 'gbrp', 'gray', 'rgb24', 'yuyv422', '']) expect(hasAlpha(name)).toBe(false);
  });
});

describe('display matrix', () => {
  const matrix = (a: number, b: number, c: number, d: number) => {
    const row = (i: number, numbers: readonly number[]) =>
      `0000000${i}: ${numbers.map((n) => String(n).padStart(12)).join('')}`;
    const displaymatrix = `\n${row(0, [a, b, 0])}\n${row(1, [c, d, 0])}\n${row(2, [0, 0, 1073741824])}\n`;
    return [{ side_data_type: 'Display Matrix', displaymatrix }];
  };
  const ONE = 65536;
  test.each([
    ['none', matrix(ONE, 0, 0, ONE), 0, false, false],
    ['a phone held upright', matrix(0, ONE, -ONE, 0), 90, false, true],
    ['upside down', matrix(-ONE, 0, 0, -ONE), 180, false, true],
    ['the other way', matrix(0, -ONE, ONE, 0), 270, false, true],
    ['a mirror', matrix(-ONE, 0, 0, ONE), 0, true, true],
    ['a mirror from top to bottom: half a turn, then left to right', matrix(ONE, 0, 0, -ONE), 180, true, true],
    ['a quarter, then a mirror', matrix(0, ONE, ONE, 0), 90, true, true],
    ['three quarters, then a mirror', matrix(0, -ONE, -ONE, 0), 270, true, true],
  ])('%s', (_, sideData, rotation, flipped, hasRotationMatrix) => {
    expect(orientationOf(sideData, undefined)).toEqual({ rotation, flipped, hasRotationMatrix });
  });
  test('without the matrix ffprobe counts against the clock, the old tag with it', () => {
    expect(orientationOf([{ side_data_type: 'Display Matrix', rotation: '-90' }], undefined).rotation).toBe(90);
    expect(orientationOf([], '270').rotation).toBe(270);
    expect(orientationOf([], undefined)).toEqual({ rotation: 0, flipped: false, hasRotationMatrix: false });
  });
});

describe('HDR side data', () => {
  const mastering = {
    side_data_type: 'Mastering display metadata',
    ...{ red_x: '34000/50000', red_y: '16000/50000', green_x: '13250/50000', green_y: '34500/50000' },
    ...{ blue_x: '7500/50000', blue_y: '3000/50000', white_point_x: '15635/50000', white_point_y: '16450/50000' },
    ...{ min_luminance: '1/10000', max_luminance: '1000/1' },
  };
  test('is in the units of ST 2086', () => {
    expect(
      hdrOf(
        [],
        [mastering, { side_data_type: 'Content light level metadata', max_content: '1000', max_average: '400' }],
      ),
    ).toEqual({
      mastering: {
        ...{ red: [34000, 16000], green: [13250, 34500], blue: [7500, 3000], white: [15635, 16450] },
        ...{ minLuminance: 1, maxLuminance: 10_000_000 },
      },
      contentLight: { maxCll: 1000, maxFall: 400 },
      ...{ dolbyVision: false, dolbyVisionOnly: false, hdr10Plus: false, inContainer: true },
    });
  });
  test('half a description is none', () => {
    expect(
      hdrOf([], [{ side_data_type: 'Mastering display metadata', max_luminance: '1000/1' }]).mastering,
    ).toBeUndefined();
  });
  test('Dolby Vision and HDR10+ are seen', () => {
    expect(hdrOf([], [{ side_data_type: 'DOVI configuration record' }]).dolbyVision).toBe(true);
    expect(hdrOf([], [{ side_data_type: 'HDR Dynamic Metadata SMPTE2094-40 (HDR10+)' }]).hdr10Plus).toBe(true);
  });
});
