import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { judgePackage, type PackageVerdict } from '../../src/packaging/judge-package.ts';
import { keyframesOf } from '../../src/packaging/keyframes.ts';
import { measureTrack } from '../../src/packaging/measure-track.ts';
import { packageManifests } from '../../src/packaging/package-manifests.ts';
import { MUXERS, makePackage } from '../support/made-packages.ts';
import { edit, type Files, loadFiles, portOf } from '../support/package-folder.ts';

// Packages made by ffmpeg's own muxers, whole and broken in one way each.
const root = mkdtempSync(join(tmpdir(), 'sg-export-judging-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const known = new Map<string, Files>();
/** A copy of a package that may be changed. */
function filesOf(kind: string): Files {
  const files = known.get(kind) ?? loadFiles(makePackage(root, kind));
  known.set(kind, files);
  return new Map([...files].map(([path, bytes]) => [path, bytes.slice()]));
}

/** Transport streams do not tell their size to those who only read headers: what ffprobe would say. */
const probe = async () => ({
  video: { width: 320, height: 180, frameRate: { num: 25, den: 1 }, transfer: 'bt709' },
  audio: { channels: 2, sampleRate: 48000 },
});
const judge = (files: Files): Promise<PackageVerdict> =>
  judgePackage(portOf(files), { probe, picture: async () => undefined });
const errors = ({ issues }: PackageVerdict) => issues.filter(({ severity }) => severity === 'error');

describe('packages of ffmpeg', () => {
  it.each(Object.keys(MUXERS))('%s is judged whole', async (kind) => {
    const verdict = await judge(filesOf(kind));
    expect(errors(verdict).map(({ message }) => message)).toEqual([]);
    expect(verdict.checks.filter(({ ok }) => ok).length).toBeGreaterThan(8);
  });
});

describe('packages of our own writers', () => {
  it('say of measured tracks what the judge finds', async () => {
    const all = filesOf('dash');
    const files: Files = new Map([...all].filter(([path]) => path.endsWith('.m4s')));
    const measure = async (stream: number) => {
      const paths = [...files.keys()].filter((path) => path.startsWith(`chunk-stream${stream}`)).sort();
      const track = await measureTrack(portOf(files), { kind: 'segments', init: `init-stream${stream}.m4s`, paths });
      if (typeof track === 'string') throw new Error(track);
      return { ...track, zeroTicks: 0 };
    };
    const [film, sound] = [await measure(0), await measure(1)];
    const keyframes = { playlist: 'keyframes.m3u8', segments: await keyframesOf(portOf(files), film) };
    const video = {
      ...{
        ...film,
        id: 'v',
        playlist: 'v.m3u8',
        width: film.size?.width ?? 0,
        height: film.size?.height ?? 0,
        keyframes,
      },
      ...{ frameRate: film.frameRate ?? { num: 0, den: 1 }, videoRange: film.videoRange ?? 'SDR' },
    };
    const audio = {
      ...{ ...sound, id: 'a', playlist: 'a.m3u8', group: 'aac_2', language: 'en', name: 'English' },
      ...{ channels: sound.channels ?? 0, sampleRate: sound.sampleRate ?? 0, isDefault: true, role: 'main' as const },
    };
    const pack = { kind: 'cmaf' as const, video: [video], audio: [audio], subtitles: [], images: [] };
    for (const { path, text } of packageManifests(pack)) files.set(path, new TextEncoder().encode(text));
    const verdict = await judge(files);
    expect(verdict.manifests).toEqual(['master.m3u8', 'manifest.mpd']);
    expect(verdict.issues).toEqual([]);
    expect(keyframes.segments.length).toBeGreaterThan(2);
  });
});

/** Finds a box anywhere in some bytes. */
function boxOffset(bytes: Uint8Array, type: string): number {
  const at = Buffer.from(bytes).indexOf(type, 0, 'latin1');
  if (at < 0) throw new Error(`no ${type}`);
  return at;
}

function shiftTfdt(bytes: Uint8Array, ticks: number): void {
  const at = boxOffset(bytes, 'tfdt') + 4;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (bytes[at] === 1) view.setBigUint64(at + 4, view.getBigUint64(at + 4) + BigInt(ticks));
  else view.setUint32(at + 4, view.getUint32(at + 4) + ticks);
}

/** The first sample's own flags say that it is no sync sample. */
function unsync(bytes: Uint8Array): void {
  const at = boxOffset(bytes, 'trun') + 4;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const flags = view.getUint32(at) & 0xffffff;
  const field = (flag: number) => (flags & flag ? 4 : 0);
  const first = at + 8 + field(0x1);
  // Behind the run's offset stand either flags of the first sample, or each sample's length, size and flags.
  if (flags & 0x4) view.setUint32(first, 0x01010000);
  else if (flags & 0x400) view.setUint32(first + field(0x100) + field(0x200), 0x01010000);
  else throw new Error('the run has no flags');
}

const bytesOf = (files: Files, path: string): Uint8Array => files.get(path) ?? new Uint8Array();

interface Broken {
  readonly name: string;
  readonly kind: string;
  readonly how: (files: Files) => void;
  readonly code: string;
  /** Part of the path of the finding. */
  readonly path: string;
}

const BROKEN: readonly Broken[] = [
  {
    name: 'a missing segment',
    kind: 'hls-ts',
    how: (f) => f.delete('s1.ts'),
    code: 'package_uri_exists',
    path: 's1.ts',
  },
  {
    name: 'a missing segment',
    kind: 'dash',
    how: (f) => f.delete('chunk-stream0-00002.m4s'),
    code: 'package_uri_exists',
    path: 'chunk-stream0-00002.m4s',
  },
  {
    name: 'a missing header',
    kind: 'hls-fmp4',
    how: (f) => f.delete('init.mp4'),
    code: 'package_uri_exists',
    path: 'init.mp4',
  },
  {
    name: 'an empty segment',
    kind: 'hls-fmp4',
    how: (f) => f.set('s1.m4s', new Uint8Array()),
    code: 'package_file_not_empty',
    path: 's1.m4s',
  },
  {
    name: 'a truncated segment',
    kind: 'hls-fmp4',
    how: (f) => f.set('s1.m4s', bytesOf(f, 's1.m4s').subarray(0, 30_000)),
    code: 'package_segment_structure',
    path: 's1.m4s',
  },
  {
    name: 'a truncated segment',
    kind: 'hls-ts',
    how: (f) => f.set('s1.ts', bytesOf(f, 's1.ts').subarray(0, 188 * 300)),
    code: 'package_segment_duration',
    path: 's1.ts',
  },
  {
    name: 'a segment cut within a packet',
    kind: 'hls-ts',
    how: (f) => f.set('s1.ts', bytesOf(f, 's1.ts').subarray(0, -100)),
    code: 'package_segment_structure',
    path: 's1.ts',
  },
  {
    name: 'a truncated single file',
    kind: 'hls-single-file',
    how: (f) => f.set('s.mp4', bytesOf(f, 's.mp4').subarray(0, -100)),
    code: 'package_byte_range',
    path: 's.mp4',
  },
  {
    name: 'a segment that is something else',
    kind: 'hls-ts',
    how: (f) => f.set('s1.ts', new TextEncoder().encode('404 not found')),
    code: 'package_segment_structure',
    path: 's1.ts',
  },
  {
    name: 'wrong CODECS',
    kind: 'dash-with-hls',
    how: (f) => edit(f, 'master.m3u8', 'avc1.4d400c', 'avc1.640028'),
    code: 'package_codecs',
    path: 'master.m3u8',
  },
  {
    name: 'wrong codecs',
    kind: 'dash',
    how: (f) => edit(f, 'm.mpd', 'avc1.4d400c', 'hvc1.1.6.L93.90'),
    code: 'package_codecs',
    path: 'm.mpd',
  },
  {
    name: 'wrong RESOLUTION',
    kind: 'hls-fmp4',
    how: (f) => edit(f, 'master.m3u8', '320x180', '640x360'),
    code: 'package_resolution',
    path: 'master.m3u8',
  },
  {
    name: 'wrong frame rate',
    kind: 'dash',
    how: (f) => edit(f, 'm.mpd', 'frameRate="25/1"', 'frameRate="24/1"'),
    code: 'package_frame_rate',
    path: 'm.mpd',
  },
  {
    name: 'wrong VIDEO-RANGE',
    kind: 'hls-fmp4',
    how: (f) => edit(f, 'master.m3u8', 'RESOLUTION', 'VIDEO-RANGE=PQ,RESOLUTION'),
    code: 'package_video_range',
    path: 'master.m3u8',
  },
  {
    name: 'BANDWIDTH too low',
    kind: 'hls-ts',
    how: (f) => edit(f, 'master.m3u8', /BANDWIDTH=\d+/, 'BANDWIDTH=400000'),
    code: 'package_bandwidth',
    path: 'master.m3u8',
  },
  {
    name: 'BANDWIDTH far too high',
    kind: 'hls-ts',
    how: (f) => edit(f, 'master.m3u8', /BANDWIDTH=\d+/, 'BANDWIDTH=90000000'),
    code: 'package_bandwidth',
    path: 'master.m3u8',
  },
  {
    name: 'wrong bandwidth',
    kind: 'dash',
    how: (f) => edit(f, 'm.mpd', /bandwidth="\d+"/, 'bandwidth="400000"'),
    code: 'package_bandwidth',
    path: 'm.mpd',
  },
  {
    name: 'wrong channels',
    kind: 'dash',
    how: (f) => edit(f, 'm.mpd', 'configuration:2011" value="2"', 'configuration:2011" value="6"'),
    code: 'package_channels',
    path: 'm.mpd',
  },
  {
    name: 'no keyframe by its flags',
    kind: 'hls-single-file',
    how: (f) => unsync(bytesOf(f, 's.mp4')),
    code: 'package_keyframe_start',
    path: 's.mp4',
  },
  {
    name: 'TARGETDURATION too small',
    kind: 'hls-ts',
    how: (f) => edit(f, 'v.m3u8', 'TARGETDURATION:2', 'TARGETDURATION:1'),
    code: 'package_target_duration',
    path: 'v.m3u8',
  },
  {
    name: 'TARGETDURATION far too large',
    kind: 'hls-ts',
    how: (f) => edit(f, 'v.m3u8', 'TARGETDURATION:2', 'TARGETDURATION:20'),
    code: 'package_target_duration',
    path: 'v.m3u8',
  },
  {
    name: 'a wrong EXTINF',
    kind: 'hls-fmp4',
    how: (f) => edit(f, 'v.m3u8', 'EXTINF:2.000000', 'EXTINF:1.500000'),
    code: 'package_segment_duration',
    path: 's0.m4s',
  },
  {
    name: 'a shifted tfdt',
    kind: 'dash',
    how: (f) => shiftTfdt(bytesOf(f, 'chunk-stream0-00002.m4s'), 6400),
    code: 'package_segment_time',
    path: 'chunk-stream0-00002.m4s',
  },
  {
    name: 'a gap in sound',
    kind: 'dash',
    how: (f) => shiftTfdt(bytesOf(f, 'chunk-stream1-00002.m4s'), 1024),
    code: 'package_continuous',
    path: 'chunk-stream1-00002.m4s',
  },
  {
    name: 'an address out of the folder',
    kind: 'hls-ts',
    how: (f) => edit(f, 'v.m3u8', 's1.ts', '../../etc/passwd'),
    code: 'package_uri_inside',
    path: 'v.m3u8',
  },
  {
    name: 'an address on another host',
    kind: 'dash',
    how: (f) => edit(f, 'm.mpd', 'media="', 'media="http://host.example/'),
    code: 'package_uri_inside',
    path: 'm.mpd',
  },
  {
    name: 'an empty playlist',
    kind: 'hls-ts',
    how: (f) => edit(f, 'v.m3u8', /#EXTINF[\s\S]*#EXT-X-ENDLIST/, '#EXT-X-ENDLIST'),
    code: 'package_not_empty',
    path: 'v.m3u8',
  },
  {
    name: 'a file that is no playlist',
    kind: 'hls-ts',
    how: (f) => edit(f, 'v.m3u8', '#EXTM3U', '<html>'),
    code: 'package_manifest_form',
    path: 'v.m3u8',
  },
  {
    name: 'a manifest cut short',
    kind: 'dash',
    how: (f) => f.set('m.mpd', bytesOf(f, 'm.mpd').subarray(0, 900)),
    code: 'package_manifest_form',
    path: 'm.mpd',
  },
  {
    name: 'a header of another rung',
    kind: 'hls-rungs',
    how: (f) => f.set('init_1.mp4', bytesOf(f, 'init_2.mp4')),
    code: 'package_codecs',
    path: 'master.m3u8',
  },
  {
    name: 'a rung with other boundaries',
    kind: 'hls-rungs',
    how: (f) => edit(f, 'r1.m3u8', /#EXTINF:2.000000,\s+r1_2.m4s\s+/, ''),
    code: 'package_aligned',
    path: 'r1.m3u8',
  },
];

describe('broken packages', () => {
  it.each(BROKEN)('$kind: $name', async ({ kind, how, code, path }) => {
    const files = filesOf(kind);
    how(files);
    const found = errors(await judge(files));
    expect(found.map((issue) => `${issue.code} ${issue.path}`)).toContainEqual(
      expect.stringContaining(`${code} ${path}`),
    );
    expect(found.find((issue) => issue.code === code)).toMatchObject({
      exit: 'RULES',
      hint: expect.stringMatching(/./),
    });
  });

  it('finds a film whose second segment starts between keyframes, by its NAL units', async () => {
    const folder = makePackage(root, 'hls-fmp4');
    const files = loadFiles(folder);
    // The first slice of the segment's film becomes one of another type, whatever the sample's flags say.
    const bytes = bytesOf(files, 's1.m4s');
    const idr = Buffer.from(bytes).indexOf(0x65, boxOffset(bytes, 'mdat'));
    bytes[idr] = 0x61;
    const found = errors(await judge(files));
    expect(found.map((issue) => `${issue.code} ${issue.path}`)).toContain('package_keyframe_start s1.m4s');
  });

  it('judges encrypted segments by what is around them', async () => {
    const files = filesOf('hls-ts');
    edit(files, 'v.m3u8', '#EXTINF', '#EXT-X-KEY:METHOD=AES-128,URI="https://keys.example/1"\n#EXTINF');
    for (const path of ['s0.ts', 's1.ts', 's2.ts']) {
      const bytes = bytesOf(files, path);
      files.set(path, new Uint8Array(bytes.length - (bytes.length % 16)).fill(0xa5));
    }
    expect(errors(await judge(files))).toEqual([]);
    files.set('s1.ts', bytesOf(files, 's1.ts').subarray(1));
    const found = errors(await judge(files)).map((issue) => `${issue.code} ${issue.path}`);
    expect(found).toContain('package_segment_structure s1.ts');
  });

  it('says of a folder without playlists that there are none', async () => {
    expect((await judge(new Map([['film.mp4', new Uint8Array(9)]]))).manifests).toEqual([]);
  });
});
