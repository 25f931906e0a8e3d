import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/app/decide.ts';
import { readLayers } from '../../../src/app/layers.ts';
import { plannedFacts } from '../../../src/app/planned-facts.ts';
import { expectedSizeIssues, sizeLimitsOf } from '../../../src/app/size-rules.ts';
import { findingsWithoutSource, leavesTheRest } from '../../../src/app/unsourced.ts';
import type { Issue } from '../../../src/model/errors.ts';
import { buildPlan } from '../../../src/plan/build.ts';
import { findPlatform } from '../../../src/presets/catalogue.ts';
import { fullMedia } from '../../golden/source-file.ts';

const platform = (id: string) => findPlatform(id).found ?? expect.fail(`no ${id}`);
const layersOf = (flags: Readonly<Record<string, unknown>>) =>
  readLayers(
    { issues: [], configPath: undefined, configValues: {}, environment: {}, history: { listPresets: () => [] } },
    flags,
  );

const media = fullMedia('/films/a.mov', {
  durationSec: 10,
  video: [
    {
      codec: 'h264',
      width: 1920,
      height: 1080,
      frameRate: { num: 25, den: 1 },
      averageRate: { num: 25, den: 1 },
      durationSec: 10,
      frames: 250,
      bitrateKbps: 8000,
      fieldOrder: 'progressive',
    },
  ],
  audio: [{ index: 1, codec: 'aac', durationSec: 10, profile: 'LC' }],
});

function decided(flags: Readonly<Record<string, unknown>>, over: Partial<Parameters<typeof decide>[0]> = {}) {
  return decide({
    media,
    layers: layersOf(flags),
    destination: { kind: 'file', path: '/out/a.mp4' },
    encoders: ['libx264', 'libx265', 'libvpx-vp9', 'libsvtav1', 'prores_ks', 'dnxhd'],
    analyses: {},
    threads: undefined,
    now: { date: '2026-11-21', timestamp: '20261121T120000' },
    ...over,
  });
}
const failing = (flags: Readonly<Record<string, unknown>>, over: Partial<Parameters<typeof decide>[0]> = {}) =>
  decided(flags, over)
    .verdicts.filter(({ verdict }) => verdict === 'fail')
    .map(({ rule }) => rule);

describe('what a plan is known to become', () => {
  const planned = (flags: Readonly<Record<string, unknown>>) => {
    const { resolved } = decided(flags);
    return resolved ? plannedFacts(resolved, media) : expect.fail('nothing was resolved');
  };

  it('knows the profile by the speed and by what the platform asks', () => {
    expect(planned({ speed: 'ultrafast' })).toMatchObject({
      profile: 'Constrained Baseline',
      cabac: false,
      maxBFrames: 0,
    });
    expect(planned({ speed: 'medium' })).toMatchObject({ profile: 'High', cabac: true });
    expect(planned({ speed: 'ultrafast', platform: 'youtube' })).toMatchObject({
      ...{ profile: 'High', cabac: true, maxBFrames: 2, closedGop: true, keyframeSec: 0.5 },
      ...{ hasEditList: false, moovAtFront: true, audioProfile: 'LC' },
    });
    expect(planned({ set: ['profile=main'], platform: 'youtube' }).profile).toBeUndefined();
    expect(planned({ set: ['bframes=5'], platform: 'youtube' }).maxBFrames).toBe(5);
  });

  it('judges a copy by what was measured of the source, not by what an encoder would do', () => {
    const flags = { platform: 'twitter', codec: 'copy' };
    const open = { videoCodec: 'h264', width: 1280, height: 720, closedGop: false, progressive: true, frameRate: 25 };
    expect(failing(flags, { source: open })).toEqual(['closed_gop']);
    expect(failing(flags, { source: { ...open, closedGop: true } })).toEqual([]);
    expect(failing(flags, { source: { ...open, closedGop: true, progressive: false, bitDepth: 10 } })).toEqual([
      'progressive',
      'bit_depth',
    ]);
  });
});

describe('flags against a platform', () => {
  it('are refused by rejecting rules only, and let pass by name', () => {
    expect(failing({ platform: 'instagram', fps: '12' })).toEqual(['min_frame_rate']);
    expect(failing({ platform: 'instagram', fps: '12', allow: ['min_frame_rate'] })).toEqual([]);
    expect(failing({ platform: 'youtube', sample_rate: '44100', channels: '1' })).toEqual([]);
    expect(failing({ platform: 'twitter', resolution: '4000x2000' })).toEqual(['max_long_side', 'max_short_side']);
  });

  it('keeps a frame that is let pass, and scales where nobody asked', () => {
    const width = (flags: Readonly<Record<string, unknown>>) =>
      decided({ platform: 'twitter', ...flags }).resolved?.video.geometry.width;
    expect(width({})).toBe(1280);
    expect(width({ resolution: '1080p' })).toBe(1920);
    expect(width({ allow: ['max_long_side', 'max_short_side'] })).toBe(1920);
  });

  it('adds silence as an input of its own, behind the source', () => {
    const { resolved } = decided({});
    if (!resolved) throw new Error('nothing was resolved');
    const [track] = resolved.audio;
    if (!track) throw new Error('no track');
    const { steps } = buildPlan({ ...resolved, audio: [{ ...track, index: -1, silent: true }] }, media, []);
    const args = steps[0]?.args ?? [];
    expect(args).toContain('anullsrc=channel_layout=stereo:sample_rate=48000:duration=10');
    expect(args.slice(args.indexOf('1:a:0') - 1, args.indexOf('1:a:0') + 3)).toEqual([
      '-map',
      '1:a:0',
      '-c:a:0',
      'aac',
    ]);
    expect(args.join(' ')).not.toContain('0:-1');
  });
});

describe('sizes', () => {
  it('are limits of the finished file: the rejecting one refuses, softer ones warn', () => {
    const limits = sizeLimitsOf(platform('tiktok'), []);
    expect(limits.filter(({ refuses }) => refuses).map(({ bytes }) => bytes)).toEqual([287e6]);
    expect(limits.filter(({ refuses }) => !refuses).map(({ bytes }) => bytes)).toContain(72e6);
    expect(limits[0]?.reason).toMatch(/TikTok \(web\) takes at most 287\.0 MB \(.+, \d{4}-\d\d-\d\d\)/);
    expect(sizeLimitsOf(platform('tiktok'), ['max_file_size'])).toEqual([]);
    expect(sizeLimitsOf(undefined, [])).toEqual([]);
  });

  it('warn beforehand where even the estimate is beyond what is taken', () => {
    const limits = sizeLimitsOf(platform('tiktok'), []);
    expect(expectedSizeIssues(limits, 287e6)).toEqual([]);
    expect(expectedSizeIssues(limits, 290e6)).toMatchObject([{ severity: 'warning', code: 'size_may_exceed' }]);
  });
});

describe('requests whose source cannot be read', () => {
  it('are examined for all that does not need it', async () => {
    const layers = layersOf({ platform: 'instagram', codec: 'prores', audio_codec: 'opus' });
    const issues = await findingsWithoutSource(layers, { kind: 'file', path: '/nowhere/at/all/a.webm' });
    const errors = issues.filter(({ severity }) => severity === 'error').map(({ code }) => code);
    expect(errors).toEqual(
      expect.arrayContaining([
        'codec_container',
        'platform_video_codec',
        'platform_audio_codec',
        'output_folder_missing',
      ]),
    );
  });

  it('find nothing in a request that is right as far as can be seen', async () => {
    expect(await findingsWithoutSource(layersOf({ platform: 'twitter' }), { kind: 'folder', path: '/films' })).toEqual(
      [],
    );
  });

  it('go no further where a wrong word decides what the others mean', () => {
    const error = (path: string, exit: Issue['exit'] = 'USAGE'): Issue => ({
      ...{ severity: 'error', code: 'x', message: '', hint: '' },
      ...{ path, exit },
    });
    expect(leavesTheRest([error('--fps'), error('/films/a.mp4', 'INPUT')])).toBe(true);
    expect(leavesTheRest([{ ...error('codec'), severity: 'warning' }])).toBe(true);
    for (const path of ['--codec', '--platform', '--output', '/etc/rc.json'])
      expect(leavesTheRest([error(path)])).toBe(false);
  });
});
