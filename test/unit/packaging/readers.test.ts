import { describe, expect, it } from 'vitest';
import { aacConfig, ac3Config, eac3Config } from '../../../src/packaging/codec-audio.ts';
import { av1Codec, avcCodec, hevcCodec, vp9Codec } from '../../../src/packaging/codec-video.ts';
import { readDuration, readManifest } from '../../../src/packaging/dash-read.ts';
import { readPlaylist } from '../../../src/packaging/hls-read.ts';
import { packageManifests } from '../../../src/packaging/package-manifests.ts';
import { readWebvtt } from '../../../src/packaging/webvtt-segment.ts';
import { readXml } from '../../../src/packaging/xml-read.ts';
import { samplePackage } from '../../support/sample-package.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const written = (path: string): string =>
  packageManifests(samplePackage()).find((file) => file.path === path)?.text ?? '';

describe('playlists', () => {
  it('reads what the writer wrote', () => {
    const playlist = readPlaylist(written('video/v720p_h264.m3u8'));
    if (playlist.kind !== 'media') throw new Error(playlist.kind);
    expect(playlist).toMatchObject({ version: 6, targetSec: 4, ended: true, holds: 'media', faults: [] });
    expect(playlist.segments.map(({ durationSec }) => durationSec)).toEqual([4.004, 4.004, 2.002]);
    expect(playlist.segments[0]).toMatchObject({
      uri: 'v720p_h264/seg_00001.m4s',
      init: { uri: 'v720p_h264/init.mp4' },
    });
  });

  it('reads a master with its groups', () => {
    const master = readPlaylist(written('master.m3u8'));
    if (master.kind !== 'master') throw new Error(master.kind);
    expect([master.variants, master.renditions, master.keyframes, master.images].map((list) => list.length)).toEqual([
      3, 3, 1, 1,
    ]);
    expect(master.variants[2]?.attributes.get('CODECS')).toBe('hvc1.2.4.L123.B0,mp4a.40.2');
    expect(master.faults).toEqual([]);
  });

  it('continues byte ranges that name no offset', () => {
    const text =
      '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n#EXT-X-BYTERANGE:100@50\na.mp4\n#EXTINF:2,\n#EXT-X-BYTERANGE:30\na.mp4\n';
    const playlist = readPlaylist(text);
    if (playlist.kind !== 'media') throw new Error(playlist.kind);
    expect(playlist.segments.map(({ range }) => range)).toEqual([
      { offset: 50, length: 100 },
      { offset: 150, length: 30 },
    ]);
  });

  it.each([
    ['no head', '#EXT-X-TARGETDURATION:2\n', /#EXTM3U/],
    ['no target', '#EXTM3U\n#EXTINF:2,\na.ts\n', /TARGETDURATION/],
    ['no EXTINF', '#EXTM3U\n#EXT-X-TARGETDURATION:2\na.ts\n', /a\.ts has no EXTINF/],
    ['a number that is none', '#EXTM3U\n#EXT-X-TARGETDURATION:two\n', /is no number/],
    [
      'a range without a start',
      '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n#EXT-X-BYTERANGE:9\na.mp4\n',
      /byte range 9/,
    ],
    ['a variant without a playlist', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n', /no playlist after it/],
  ])('tells %s', (_, text, fault) => {
    expect(readPlaylist(text).faults.join()).toMatch(fault);
  });
});

describe('manifests', () => {
  it('reads what the writer wrote', () => {
    const manifest = readManifest(written('manifest.mpd'));
    if (typeof manifest === 'string') throw new Error(manifest);
    expect(manifest).toMatchObject({ isStatic: true, durationSec: 10.01, faults: [] });
    expect(manifest.representations.map(({ id }) => id)).toEqual([
      ...['v720p_h264', 'v360p_h264', 'v1080p_hevc', 'en', 'de', 'sub_en', 'thumbnails'],
    ]);
    expect(manifest.representations[2]).toMatchObject({ videoRange: 'PQ', codecs: 'hvc1.2.4.L123.B0', width: 1920 });
    expect(manifest.representations[3]).toMatchObject({ channels: 2, sampleRate: 48000 });
    expect(manifest.representations[0]?.addresses.segments.map(({ uri, startTicks }) => [uri, startTicks])).toEqual([
      ['video/v720p_h264/seg_00001.m4s', 0],
      ['video/v720p_h264/seg_00002.m4s', 120120],
      ['video/v720p_h264/seg_00003.m4s', 240240],
    ]);
  });

  it('repeats to the end of the period, fills templates and follows base addresses', () => {
    const manifest = readManifest(`<?xml version="1.0"?><!-- made by hand -->
      <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="p" minBufferTime="PT2S" mediaPresentationDuration="PT9S">
        <BaseURL>films/</BaseURL>
        <Period><AdaptationSet mimeType="video/mp4"><BaseURL>one/</BaseURL>
          <SegmentTemplate timescale="10" media="$RepresentationID$/$Time$-$Bandwidth%06d$$$.m4s">
            <SegmentTimeline><S t="0" d="20" r="-1"/></SegmentTimeline></SegmentTemplate>
          <Representation id="a" bandwidth="500"/></AdaptationSet></Period></MPD>`);
    if (typeof manifest === 'string') throw new Error(manifest);
    expect(manifest.faults).toEqual([]);
    expect(manifest.representations[0]?.addresses.segments.map(({ uri }) => uri)).toEqual(
      [0, 20, 40, 60, 80].map((time) => `films/one/a/${time}-000500$.m4s`),
    );
  });

  it('tells what the schema asks for', () => {
    const manifest = readManifest('<MPD><Period><AdaptationSet><Representation/></AdaptationSet></Period></MPD>');
    if (typeof manifest === 'string') throw new Error(manifest);
    for (const missing of ['namespace', 'profiles', 'minBufferTime', 'mediaPresentationDuration', 'id', 'bandwidth'])
      expect(manifest.faults.join('\n')).toContain(missing);
  });

  it.each([
    ['PT6.0S', 6],
    ['PT1H2M3.5S', 3723.5],
    ['P1DT1S', 86401],
    ['P', undefined],
    ['6', undefined],
  ])('reads the duration %s', (text, sec) => {
    expect(readDuration(text)).toBe(sec);
  });

  it.each([
    ['<a><b></a>', /closes what is not open/],
    ['<a>', /ends before/],
    ['<a/><b/>', /one root/],
    ['<a b=1/>', /is no tag|one root|ends before/],
    ['<!DOCTYPE a><a/>', /document type/],
    [`${'<a>'.repeat(100)}`, /deeper/],
    ['', /one root/],
  ])('refuses %s', (text, fault) => {
    expect(readXml(text)).toEqual(expect.stringMatching(fault));
  });

  it('reads entities, CDATA and prefixes', () => {
    const root = readXml('<x:a b="1 &lt; 2" c=\'&#65;&#x42;\'><![CDATA[<raw>]]> &amp; more</x:a>');
    if (typeof root === 'string') throw new Error(root);
    expect(root).toMatchObject({ name: 'a', text: '<raw> & more' });
    expect([...root.attributes.values()]).toEqual(['1 < 2', 'AB']);
  });
});

describe('codec strings of RFC 6381', () => {
  it('names H.264 and HEVC', () => {
    expect(avcCodec('avc1', bytes('64 00 28'))).toBe('avc1.640028');
    // Main 10, level 4.1, constraint B0: the example of Apple's authoring specification.
    expect(hevcCodec('hvc1', bytes('02 20000000 B00000000000 7B'))).toBe('hvc1.2.4.L123.B0');
    expect(hevcCodec('hev1', bytes('21 60000000 900000000000 5D'))).toBe('hev1.1.6.H93.90');
  });

  it('names AV1 and VP9, colours only where they are not plain', () => {
    const pq = { primaries: 9, transfer: 16, matrix: 9, fullRange: false };
    expect(av1Codec(bytes('81 08 0C 00'), undefined)).toBe('av01.0.08M.08');
    expect(av1Codec(bytes('81 08 4C 00'), pq)).toBe('av01.0.08M.10.0.110.09.16.09.0');
    expect(vp9Codec(bytes('01000000 00 1F 82 01 01 01 0000'))).toBe('vp09.00.31.08');
    expect(vp9Codec(bytes('01000000 02 1F A2 09 10 09 0000'))).toBe('vp09.02.31.10.01.09.16.09.00');
  });

  it('names sound with its channels', () => {
    expect(aacConfig(bytes('11 90'))).toEqual({ codec: 'mp4a.40.2', channels: 2, sampleRate: 48000 });
    expect(aacConfig(bytes('11 B0'))).toEqual({ codec: 'mp4a.40.2', channels: 6, sampleRate: 48000 });
    expect(ac3Config(bytes('10 3D E0'))).toEqual({ codec: 'ac-3', channels: 6, sampleRate: 48000 });
    expect(eac3Config(bytes('0C 00 20 0F 00'))).toEqual({ codec: 'ec-3', channels: 6, sampleRate: 48000 });
  });
});

describe('WebVTT', () => {
  it('reads its time map and cues', () => {
    const text =
      'WEBVTT\r\nX-TIMESTAMP-MAP=MPEGTS:126000,LOCAL:00:00:00.000\r\n\r\n00:01.000 --> 00:02.500 line:0\r\nHello\r\n';
    expect(readWebvtt(text)).toEqual({
      map: { mpegtsTicks: 126000, localSec: 0 },
      cues: [{ startSec: 1, endSec: 2.5 }],
      faults: [],
    });
  });

  it.each([
    ['1\n00:01.000 --> 00:02.000\nHi\n', /WEBVTT/],
    ['WEBVTT\n\n00:01,000 --> 00:02,000\nHi\n', /no cue's time/],
    ['WEBVTT\n\n00:03.000 --> 00:02.000\nHi\n', /ends before/],
    ['WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000\n', /no MPEGTS/],
  ])('tells what is wrong in %j', (text, fault) => {
    expect(readWebvtt(text).faults.join()).toMatch(fault);
  });
});
