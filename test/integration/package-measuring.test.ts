import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { keyframesOf } from '../../src/packaging/keyframes.ts';
import { type MeasuredTrack, measureTrack, type TrackPlaces } from '../../src/packaging/measure-track.ts';
import { clip, ffmpeg } from '../support/clips.ts';
import { filesOf, made } from '../support/package-folder.ts';

// What is measured of segments that ffmpeg's own muxers made.
const root = mkdtempSync(join(tmpdir(), 'sg-export-measuring-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const GOP = ['-preset', 'ultrafast', '-g', '25', '-keyint_min', '25', '-sc_threshold', '0', '-pix_fmt', 'yuv420p'];
const source = (): string =>
  clip({ name: 'package.mp4', sec: 4, size: '320x180', video: ['-c:v', 'libx264', '-bf', '2', ...GOP] });

async function measured(folder: string, places: TrackPlaces): Promise<MeasuredTrack> {
  const track = await measureTrack(filesOf(folder), places);
  if (typeof track === 'string') throw new Error(track);
  return track;
}

function hls(name: string, map: string, args: readonly string[], extension: string): string {
  const folder = made(join(root, name));
  ffmpeg(
    [
      ...['-i', source(), '-map', map, '-c', 'copy', '-f', 'hls', '-hls_time', '2', '-hls_playlist_type', 'vod'],
      ...[...args, '-hls_segment_filename', `s%d.${extension}`, 'v.m3u8'],
    ],
    folder,
  );
  return folder;
}

const FMP4 = ['-hls_segment_type', 'fmp4'];

describe('measured tracks', () => {
  it('reads H.264 in fragmented MP4', async () => {
    const folder = hls('fmp4', '0:v', FMP4, 'm4s');
    const track = await measured(folder, { kind: 'segments', init: 'init.mp4', paths: ['s0.m4s', 's1.m4s'] });
    expect(track).toMatchObject({
      codec: 'avc1.4d400c',
      kind: 'video',
      size: { width: 320, height: 180 },
      frameRate: { num: 25, den: 1 },
      videoRange: 'SDR',
      faults: [],
    });
    const times = track.segments.map(({ startTicks, durationTicks }) => [startTicks, durationTicks]);
    const start = times[0]?.[0] ?? 0;
    const length = 2 * track.timescale;
    expect(times).toEqual([
      [start, length],
      [start + length, length],
    ]);
    expect(track.segments.every(({ startsWithKeyframe }) => startsWithKeyframe)).toBe(true);
  });

  it('reads AAC by its own configuration', async () => {
    const folder = hls('aac', '0:a', FMP4, 'm4s');
    const track = await measured(folder, { kind: 'segments', init: 'init.mp4', paths: ['s0.m4s', 's1.m4s'] });
    expect(track).toMatchObject({ codec: 'mp4a.40.2', kind: 'audio', channels: 2, sampleRate: 48000, faults: [] });
    const [first, second] = track.segments;
    expect(second?.startTicks).toBe((first?.startTicks ?? 0) + (first?.durationTicks ?? 0));
  });

  it('finds the fragments of a single file', async () => {
    const folder = hls('single', '0:v', [...FMP4, '-hls_flags', 'single_file'], 'mp4');
    const track = await measured(folder, { kind: 'single-file', path: 's%d.mp4' });
    expect(track.segments).toHaveLength(2);
    const [first, second] = track.segments;
    expect(second?.range?.offset).toBe((first?.range?.offset ?? 0) + (first?.range?.length ?? 0));
    expect(track.init?.range?.length).toBe(first?.range?.offset);
    expect(filesOf(folder).sizes.get('s%d.mp4')).toBe((second?.range?.offset ?? 0) + (second?.range?.length ?? 0));
  });

  it('finds the index of a single file, where there is one', async () => {
    const folder = made(join(root, 'indexed'));
    const flags = '+frag_keyframe+empty_moov+default_base_moof+global_sidx+negative_cts_offsets';
    ffmpeg(['-i', source(), '-map', '0:v', '-c', 'copy', '-f', 'mp4', '-movflags', flags, 'v.mp4'], folder);
    const track = await measured(folder, { kind: 'single-file', path: 'v.mp4' });
    expect(track.index).toBeDefined();
    expect(track.segments).toHaveLength(4);
    expect(track.segments[0]?.startTicks).toBe(0);
    const keyframes = await keyframesOf(filesOf(folder), track);
    expect(keyframes.map(({ durationTicks }) => durationTicks / track.timescale)).toEqual([1, 1, 1, 1]);
    expect(keyframes.every(({ bytes }, i) => bytes > 500 && bytes < (track.segments[i]?.bytes ?? 0))).toBe(true);
  });

  it('reads transport streams', async () => {
    const folder = hls('ts', '0:v', [], 'ts');
    const track = await measured(folder, { kind: 'segments', init: undefined, paths: ['s0.ts', 's1.ts'] });
    expect(track).toMatchObject({ codec: 'avc1.4d400c', kind: 'video', frameRate: { num: 25, den: 1 }, faults: [] });
    expect(track.segments.map(({ durationTicks }) => durationTicks)).toEqual([180000, 180000]);
    const [first, second] = track.segments;
    expect((second?.startTicks ?? 0) - (first?.startTicks ?? 0)).toBe(180000);
    const keyframes = await keyframesOf(filesOf(folder), track);
    expect(keyframes.map(({ durationTicks }) => durationTicks)).toEqual([180000, 180000]);
    expect(keyframes[0]?.bytes).toBeLessThan((first?.bytes ?? 0) / 2);
  });

  it('reads sound of transport streams to the frame', async () => {
    const folder = hls('ts-aac', '0:a', [], 'ts');
    const track = await measured(folder, { kind: 'segments', init: undefined, paths: ['s0.ts', 's1.ts'] });
    expect(track).toMatchObject({ codec: 'mp4a.40.2', kind: 'audio', channels: 2, sampleRate: 48000 });
    const [first, second] = track.segments;
    const end = (first?.startTicks ?? 0) + (first?.durationTicks ?? 0);
    expect(Math.abs((second?.startTicks ?? 0) - end)).toBeLessThanOrEqual(1);
  });

  it('says where there is nothing to measure', async () => {
    const folder = hls('none', '0:v', FMP4, 'm4s');
    const files = filesOf(folder);
    expect(await measureTrack(files, { kind: 'segments', init: 's0.m4s', paths: ['s0.m4s'] })).toContain('no header');
    expect(await measureTrack(files, { kind: 'segments', init: undefined, paths: ['s0.m4s'] })).toContain(
      'no transport',
    );
  });
});

/** Header and one segment of each codec, as ffmpeg's DASH muxer writes them. */
const CODECS: readonly (readonly [codec: string, args: readonly string[]])[] = [
  [
    'hvc1.1.6.L60.90',
    ['-an', '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error', '-tag:v', 'hvc1'],
  ],
  ['vp09.00.11.08', ['-an', '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-level', '1.1']],
  ['av01.0.00M.08', ['-an', '-c:v', 'libsvtav1', '-preset', '12']],
  ['Opus', ['-vn', '-c:a', 'libopus']],
  ['fLaC', ['-vn', '-c:a', 'flac', '-strict', '-2']],
  ['ac-3', ['-vn', '-c:a', 'ac3', '-ac', '6']],
  ['ec-3', ['-vn', '-c:a', 'eac3', '-ac', '6']],
  ['mp4a.40.2', ['-vn', '-c:a', 'aac', '-ac', '6']],
];

describe('codec strings', () => {
  it.each(CODECS)('reads %s', async (codec, args) => {
    const folder = made(join(root, codec));
    const out = ['-t', '1', '-f', 'mp4', '-movflags', '+frag_keyframe+delay_moov+default_base_moof', 'x.mp4'];
    ffmpeg(['-i', source(), ...args, ...out], folder);
    const track = await measured(folder, { kind: 'single-file', path: 'x.mp4' });
    expect(track.codec).toBe(codec);
    expect(track.faults).toEqual([]);
    if (args.includes('6')) expect(track.channels).toBe(6);
    else if (track.kind === 'audio') expect(track.channels).toBe(2);
  });
});
