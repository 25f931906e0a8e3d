import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { countingTemplate, timeline } from '../../../src/packaging/dash-addressing.ts';
import type { StreamPackage } from '../../../src/packaging/package.ts';
import { packageManifests } from '../../../src/packaging/package-manifests.ts';
import { resolveUri, uriFrom } from '../../../src/packaging/uri.ts';
import { asRanges, sampleAudio, samplePackage, sampleVideo, segmentsOf } from '../../support/sample-package.ts';

const GOLDEN = fileURLToPath(new URL('../../golden/packages', import.meta.url));

/** Compares every manifest of a package with the files of a folder; UPDATE_GOLDEN=1 writes them. */
function expectManifests(name: string, pack: StreamPackage): void {
  const files = packageManifests(pack);
  for (const { path, text } of files) {
    const file = join(GOLDEN, name, path);
    if (process.env.UPDATE_GOLDEN === '1') {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    expect(existsSync(file), `${file}: UPDATE_GOLDEN=1 writes it`).toBe(true);
    expect(text, path).toBe(readFileSync(file, 'utf8'));
  }
}

const text = (pack: StreamPackage, path: string): string =>
  packageManifests(pack).find((file) => file.path === path)?.text ?? '';

describe('manifests of a package', () => {
  it('writes one of everything, for HLS and DASH', () => {
    expectManifests('cmaf', samplePackage());
  });

  it('writes single files with byte ranges, by index and by list', () => {
    const video = sampleVideo('v720p', 720);
    const single = { init: { path: 'v720p.mp4', range: { offset: 0, length: 800 } } };
    const index = { offset: 800, length: 92 };
    const audio = sampleAudio('en', 'en', { init: { path: 'en.mp4', range: { offset: 0, length: 800 } } });
    const pack = samplePackage({
      video: [{ ...video, ...single, index, segments: asRanges(video.segments, 'v720p.mp4') }],
      audio: [{ ...audio, segments: asRanges(audio.segments, 'en.mp4') }],
      subtitles: [],
      images: [],
    });
    expectManifests('single-file', pack);
  });

  it('writes transport streams, encrypted as a whole', () => {
    const encryption = { method: 'aes-128', keyUri: 'https://keys.example/1?a=b', iv: '0f'.repeat(16) } as const;
    const segments = segmentsOf(
      (index) => `v/s${index}.ts`,
      [540000, 360000],
      () => 500_000,
    );
    const video = sampleVideo('v', 720, { format: 'ts', init: undefined, timescale: 90000, segments, encryption });
    expectManifests(
      'ts-encrypted',
      samplePackage({ kind: 'hls', video: [video], audio: [], subtitles: [], images: [] }),
    );
  });

  it('writes common encryption for both', () => {
    const encryption = { method: 'cenc', kid: '00112233445566778899AABBCCDDEEFF', keyUri: 'key.bin' } as const;
    const pack = samplePackage({
      video: [sampleVideo('v', 720, { encryption })],
      audio: [],
      subtitles: [],
      images: [],
    });
    expect(text(pack, 'video/v.m3u8')).toContain('#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI="key.bin"\n');
    expect(text(pack, 'manifest.mpd')).toContain('cenc:default_KID="00112233-4455-6677-8899-aabbccddeeff"');
  });

  it('has a variant for each film and group of sound', () => {
    const surround = sampleAudio('en_51', 'en', { group: 'ac3_6', codec: 'ac-3', channels: 6 });
    const pack = samplePackage({ audio: [sampleAudio('en', 'en'), surround] });
    const variants = text(pack, 'master.m3u8').match(/^#EXT-X-STREAM-INF.*$/gm) ?? [];
    expect(variants).toHaveLength(6);
    expect(variants[1]).toContain('CODECS="avc1.640028,ac-3"');
    expect(variants[1]).toContain('AUDIO="ac3_6"');
  });

  it('does not claim independence where a segment starts without a keyframe', () => {
    const video = sampleVideo('v', 360);
    const [head, ...rest] = video.segments;
    const open = { ...video, segments: [head, ...rest.map((one) => ({ ...one, startsWithKeyframe: false }))] };
    const pack = samplePackage({ video: [open as typeof video] });
    expect(text(pack, 'master.m3u8')).not.toContain('INDEPENDENT');
    expect(text(pack, 'video/v.m3u8')).not.toContain('INDEPENDENT');
  });
});

describe('addresses', () => {
  const names = (...paths: readonly string[]) =>
    paths.map((path) => ({ path, startTicks: 0, durationTicks: 1, bytes: 1, startsWithKeyframe: true }));

  it('finds the number that counts', () => {
    expect(countingTemplate(names('a/1.m4s', 'a/2.m4s'))).toEqual({ media: 'a/$Number$.m4s', startNumber: 1 });
    expect(countingTemplate(names('v1080p_007.m4s', 'v1080p_008.m4s'))).toEqual({
      media: 'v1080p_$Number%03d$.m4s',
      startNumber: 7,
    });
    expect(countingTemplate(names('9.ts', '10.ts'))).toEqual({ media: '$Number$.ts', startNumber: 9 });
    expect(countingTemplate(names('a$ b_1.m4s'))).toEqual({ media: 'a$$%20b_$Number$.m4s', startNumber: 1 });
    expect(countingTemplate(names('a1.m4s', 'a3.m4s'))).toBeUndefined();
    expect(countingTemplate(names('one.mp4'))).toEqual(undefined);
  });

  it('starts a run of the timeline anew after a gap', () => {
    const rows = [
      { startTicks: 0, durationTicks: 10 },
      { startTicks: 10, durationTicks: 10 },
      { startTicks: 25, durationTicks: 10 },
    ].map((row) => ({ ...row, path: 'x', bytes: 1, startsWithKeyframe: true }));
    expect(timeline(rows).children.map(({ attributes }) => attributes)).toEqual([
      [
        ['t', 0],
        ['d', 10],
        ['r', 1],
      ],
      [
        ['t', 25],
        ['d', 10],
        ['r', undefined],
      ],
    ]);
  });

  it('is relative to the playlist that names it, and percent-encoded', () => {
    expect(uriFrom('video/a.m3u8', 'video/a/s 1%.m4s')).toBe('a/s%201%25.m4s');
    expect(uriFrom('video/a.m3u8', 'audio/b.m4s')).toBe('../audio/b.m4s');
  });

  it.each([
    ['s.ts', { kind: 'inside', path: 'video/s.ts' }],
    ['../audio/s%20.ts?x=1#f', { kind: 'inside', path: 'audio/s .ts' }],
    ['../../s.ts', { kind: 'outside', reason: 'upwards' }],
    ['%2e%2e/%2e%2e/s.ts', { kind: 'outside', reason: 'upwards' }],
    ['/etc/passwd', { kind: 'outside', reason: 'absolute' }],
    ['//host/s.ts', { kind: 'outside', reason: 'remote' }],
    ['http://host/s.ts', { kind: 'outside', reason: 'remote' }],
    ['file:///etc/passwd', { kind: 'outside', reason: 'remote' }],
    ['..\\s.ts', { kind: 'outside', reason: 'malformed' }],
    ['%zz', { kind: 'outside', reason: 'malformed' }],
    ['', { kind: 'outside', reason: 'malformed' }],
  ])('resolves %j', (uri, reach) => {
    expect(resolveUri('video/a.m3u8', uri)).toEqual(reach);
  });
});
