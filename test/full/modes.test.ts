import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { videoCodec } from '../../src/codecs/video.ts';
import type { RateMode } from '../../src/model/option-values.ts';
import { ffmpeg, MEDIA, noMedia } from '../support/clips.ts';
import { encode, measureRate } from '../support/measured-encodes.ts';
import { ROOT } from '../support/run-cli.ts';
import { table, writeSection } from '../support/written-evidence.ts';

// What each encoder makes of a maximum and of an average, counted packet by packet. Written to LEVELS.md.
const PAGE = new URL('LEVELS.md', import.meta.url);
const INTRO =
  '# Levels, speeds and modes, measured\n\nWritten by levels.test.ts and modes.test.ts (`npm run test:full`).';
const FPS = 30;
const KBPS = 1000;
const TAGS = ['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv'];
const lossless = [...TAGS, '-pix_fmt', 'yuv420p', '-c:v', 'ffv1'];
const HARD = join(ROOT, 'hard.mkv');
const EVEN = join(ROOT, 'even.mkv');
/** Real pictures, 5 s from the first second on: film that grain makes costly, a camera, an animation with a cut. */
const REAL = {
  juggle: { file: 'juggle_720p24_noaudio.mp4', fps: 24 },
  butterfly: { file: 'butterfly_720p_2997_stereo.mp4', fps: 30 },
  bbb: { file: 'bbb_1080p25_aac51_15s.mp4', fps: 25 },
} as const;
const REAL_KBPS = 500;
const realClips = noMedia ? [] : (Object.keys(REAL) as (keyof typeof REAL)[]);
const realPath = (name: string) => join(ROOT, `${name}.mkv`);

interface Case {
  readonly mode: RateMode;
  /** Flags, maximum and buffer for a clip that is given this rate. */
  readonly flags: (kbps: number) => Readonly<Record<string, number>>;
  readonly maxShare: number;
  readonly bufferSec: number;
}
const CASES: readonly Case[] = [
  { mode: 'crf', flags: (kbps) => ({ max_bitrate: kbps }), maxShare: 1, bufferSec: 2 },
  { mode: 'vbr', flags: (kbps) => ({ bitrate: kbps, max_bitrate: 1.2 * kbps }), maxShare: 1.2, bufferSec: 2 },
  { mode: 'cbr', flags: (kbps) => ({ bitrate: kbps }), maxShare: 1, bufferSec: 1 },
];
const CODECS = ['h264', 'h265', 'vp9', 'av1'] as const;

const AVERAGE_WITHIN = 0.05;

const rows: (string | number)[][] = [];
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

interface Measured {
  readonly name: string;
  readonly path: string;
  readonly fps: number;
  readonly kbps: number;
}
const HARD_CLIP: Measured = { name: 'burst of noise', path: HARD, fps: FPS, kbps: KBPS };
const EVEN_CLIP: Measured = { name: 'even noise', path: EVEN, fps: FPS, kbps: KBPS };
const REAL_CLIPS: readonly Measured[] = realClips.map((name) => ({
  name,
  path: realPath(name),
  fps: REAL[name].fps,
  kbps: REAL_KBPS,
}));

describe('rate control', () => {
  beforeAll(() => {
    // A quiet second and a half, then noise, then quiet again: an average that is kept over all of it still breaks a buffer.
    const noise = "noise=alls=8:allf=t,noise=alls=40:allf=t:enable='between(t,1.5,3)'";
    ffmpeg(['-f', 'lavfi', '-i', `testsrc2=s=480x270:r=${FPS},${noise}`, '-t', '4.5', ...lossless, HARD]);
    ffmpeg(['-f', 'lavfi', '-i', `testsrc2=s=480x270:r=${FPS},noise=alls=10:allf=t`, '-t', '5', ...lossless, EVEN]);
    for (const name of realClips) {
      const shape = `scale=480:270:flags=bicubic,setsar=1,fps=${REAL[name].fps}`;
      const source = ['-ss', '1', '-i', join(MEDIA, REAL[name].file), '-t', '5', '-an', '-vf', shape];
      ffmpeg([...source, ...lossless, realPath(name)]);
    }
  });

  const honoured = CODECS.flatMap((codec) =>
    CASES.filter(({ mode }) => videoCodec(codec)?.encoders[0]?.modes.includes(mode)).flatMap((one) =>
      [HARD_CLIP, ...REAL_CLIPS.slice(0, 1)].map((clip) => ({ codec, ...one, clip })),
    ),
  );
  test.each(honoured)(
    '$codec $mode holds its maximum over its buffer: $clip.name',
    { timeout: 300_000 },
    async ({ codec, mode, flags, maxShare, bufferSec, clip }) => {
      const asked = { codec, mode, speed: 'fast', audio_codec: 'none', ...flags(clip.kbps) };
      const { file } = await encode(clip.path, asked);
      const maxKbps = clip.kbps * maxShare;
      const bufferKbit = maxKbps * bufferSec;
      const rate = await measureRate(file, clip.fps, { maxKbps, bufferKbit });
      const figures = [`${maxKbps} / ${bufferKbit}`, Math.round(rate.averageKbps), Math.round(rate.peakKbps)];
      rows.push([codec, mode, clip.name, ...figures, percent(rate.overflow)]);
      write();
      expect(rate.overflow).toBeLessThanOrEqual(0.02);
    },
  );

  const averages = CODECS.flatMap((codec) => [EVEN_CLIP, ...REAL_CLIPS].map((clip) => ({ codec, clip })));
  test.each(averages)('$codec keeps an average: $clip.name', { timeout: 300_000 }, async ({ codec, clip }) => {
    const { kbps } = clip;
    const { file } = await encode(clip.path, { codec, mode: 'abr', bitrate: kbps, speed: 'fast', audio_codec: 'none' });
    const rate = await measureRate(file, clip.fps, { maxKbps: kbps, bufferKbit: kbps });
    const deviation = rate.averageKbps / kbps - 1;
    const figures = [`${kbps} on average`, Math.round(rate.averageKbps), Math.round(rate.peakKbps)];
    rows.push([codec, 'abr', clip.name, ...figures, `average ${percent(deviation)}`]);
    write();
    expect(Math.abs(deviation)).toBeLessThanOrEqual(AVERAGE_WITHIN);
  });
});

function write(): void {
  writeSection(PAGE, INTRO, 'Modes', [
    '480×270, speed fast. Maximum: 4.5 s with a burst of noise, and 5 s of a real clip, followed through a bucket of the buffer',
    'that drains at the maximum; average: 5 s of even noise and of real clips. AV1 has no constant bitrate: its encoders ran over',
    '(see the rows). VP9 takes two passes for vbr and abr.',
    '',
    ...table(
      ['codec', 'mode', 'clip', 'maximum kbps / buffer kbit', 'average', 'peak second', 'beyond the buffer'],
      rows,
    ),
  ]);
}
