import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { measureLoudness } from '../../../src/analysis/loudness.ts';
import { lookWith } from '../../../src/app/ports.ts';
import { readBitstream } from '../../../src/ffmpeg/bitstream.ts';
import { ebmlDocType } from '../../../src/ffmpeg/doc-type.ts';
import { locateToolchain } from '../../../src/ffmpeg/locate.ts';
import { readPacketFacts } from '../../../src/ffmpeg/packet-facts.ts';
import { cannotRun, clip, ffmpeg, ffprobe, make } from './real-media.ts';

let folder: string;
const file = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg-delivery-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Three seconds of a real film, encoded as asked. */
function encoded(name: string, ...args: readonly string[]): string {
  make('-t', '3', '-i', clip('butterfly_720p_2997_stereo.mp4'), '-vf', 'scale=320:-2', '-an', ...args, file(name));
  return file(name);
}
const x264 = (params: string) => ['-c:v', 'libx264', '-preset', 'veryfast', '-x264-params', params];
const x265 = (params: string) => [
  '-c:v',
  'libx265',
  '-preset',
  'ultrafast',
  '-x265-params',
  `${params}:log-level=error`,
];

/** What decoders say: the longest row of B in the order of showing. */
function longestRowOfB(path: string): number {
  const show = ['-select_streams', 'v:0', '-show_entries', 'frame=pict_type', '-of', 'csv=p=0', path];
  const types = execFileSync(ffprobe, ['-v', 'error', ...show], { encoding: 'utf8' }).replace(/[^IPB]/g, '');
  return Math.max(0, ...(types.match(/B+/g) ?? []).map((row) => row.length));
}

const film = async (path: string) => (await readPacketFacts(ffprobe, path, { video: 0, audio: undefined })).video;
const stream = (path: string, codec: 'h264' | 'hevc') => readBitstream(ffmpeg, path, { index: 0, codec });

describe.skipIf(cannotRun)('packets against what decoders say', () => {
  test.each([
    ['no B-frames', 'bframes=0'],
    ['two in a row', 'bframes=2:b-adapt=0'],
    ['a pyramid of five', 'bframes=5:b-adapt=0:b-pyramid=normal'],
    ['as the encoder likes', 'bframes=3'],
  ])('B-frames in a row: %s', async (name, params) => {
    const path = encoded(`${name}.mp4`, ...x264(`keyint=30:${params}`));
    const row = longestRowOfB(path);
    expect((await film(path))?.maxBFrames).toBe(row);
    // The same without an edit list, and in a container that only knows milliseconds.
    const remuxed = file(`${name}.mkv`);
    make('-i', path, '-c', 'copy', remuxed);
    expect((await film(remuxed))?.maxBFrames).toBe(row);
  });

  test('keyframes as far apart as they were asked for, and the rate as it is', async () => {
    const facts = await film(encoded('half.mp4', ...x264('keyint=15:scenecut=0')));
    expect(facts?.longestGopSec).toBeCloseTo(0.5005, 3);
    expect(facts?.frameRate).toBeCloseTo(30000 / 1001, 2);
    expect(facts?.keyframes).toBe(6);
  });

  test('a film of uneven steps', async () => {
    const facts = await film(clip('traffic_vfr_720p.mp4'));
    expect(facts?.packets).toBe(576);
    expect((facts?.maxStepSec ?? 0) / (facts?.minStepSec ?? 1)).toBeGreaterThan(1.5);
  });

  test('bytes of picture and sound', async () => {
    const facts = await readPacketFacts(ffprobe, clip('butterfly_720p_2997_stereo.mp4'), { video: 0, audio: 1 });
    const kbps = (part: { readonly bytes: number; readonly spanSec: number } | undefined) =>
      part ? (part.bytes * 8) / 1000 / part.spanSec : 0;
    expect(kbps(facts.video) + kbps(facts.audio)).toBeCloseTo((2_429_896 * 8) / 1000 / 7.54, -2);
  });
});

describe.skipIf(cannotRun)('open and closed GOPs', () => {
  test.each([
    ['closed.mp4', 'h264', x264('keyint=15:bframes=2:b-adapt=0'), true, 0],
    ['open.mp4', 'h264', x264('keyint=15:min-keyint=15:scenecut=0:open-gop=1:bframes=2:b-adapt=0'), false, 1],
    ['closed-265.mp4', 'hevc', x265('keyint=15:open-gop=0'), true, 0],
    ['open-265.mp4', 'hevc', x265('keyint=15:open-gop=1:bframes=3:b-adapt=0'), false, 1],
    ['radl.mp4', 'hevc', x265('keyint=15:open-gop=0:radl=2:bframes=3:b-adapt=0'), true, 0],
  ] as const)('%s', async (name, codec, args, allIdr, leading) => {
    const path = encoded(name, ...args);
    expect((await stream(path, codec)).allIdr).toBe(allIdr);
    const found = (await film(path))?.leadingPictures ?? -1;
    if (leading > 0) expect(found).toBeGreaterThan(0);
    else if (name !== 'radl.mp4') expect(found).toBe(0);
    const transport = file(`${name}.ts`);
    make('-i', path, '-c', 'copy', transport);
    expect((await stream(transport, codec)).allIdr).toBe(allIdr);
  });

  test('CABAC and CAVLC, whatever the profile', async () => {
    const main = ['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'main'];
    expect((await stream(encoded('cabac.mp4', ...main), 'h264')).cabac).toBe(true);
    expect((await stream(encoded('vlc.mp4', ...main, '-coder', 'vlc'), 'h264')).cabac).toBe(false);
  });

  test('nothing is said of other codecs, or of what is no film', async () => {
    const webm = clip('elf_vp9_opus_480p.webm');
    expect(await readBitstream(ffmpeg, webm, { index: 0, codec: 'vp9' })).toEqual({
      cabac: undefined,
      allIdr: undefined,
    });
    expect(await stream(clip('manifest.json'), 'h264')).toEqual({ cabac: undefined, allIdr: undefined });
  });
});

describe.skipIf(cannotRun)('loudness and container', () => {
  const tone = (name: string, volume: string) => {
    make('-f', 'lavfi', '-i', `sine=f=1000:r=48000:d=3,volume=${volume},aformat=channel_layouts=stereo`, file(name));
    return file(name);
  };

  test('a tone is as loud as its level says, and silence has no loudness', async () => {
    const toolchain = await locateToolchain({ cache: { get: () => undefined, put: () => {} } });
    const look = lookWith(toolchain, new AbortController().signal);
    const meter = (path: string) => measureLoudness(['-i', path], '0:a:0', look);
    const [loud, soft] = [await meter(tone('a.wav', '0dB')), await meter(tone('b.wav', '-12dB'))];
    expect((loud?.lufs ?? 0) - (soft?.lufs ?? 0)).toBeCloseTo(12, 0);
    expect((loud?.peakDbtp ?? 0) - (soft?.peakDbtp ?? 0)).toBeCloseTo(12, 0);
    expect(await meter(tone('c.wav', '0'))).toBeUndefined();
  });

  test('WebM and Matroska, told apart', async () => {
    expect(await ebmlDocType(clip('elf_vp9_opus_480p.webm'))).toBe('webm');
    expect(await ebmlDocType(clip('crystal_subs_chapters_attach.mkv'))).toBe('matroska');
    expect(await ebmlDocType(clip('juggle_720p24_noaudio.mp4'))).toBeUndefined();
  });
});
