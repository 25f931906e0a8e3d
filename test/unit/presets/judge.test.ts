import { describe, expect, it } from 'vitest';
import { findPlatform, listPlatforms } from '../../../src/presets/catalogue.ts';
import { chromaOf, type DeliveryFacts } from '../../../src/presets/facts.ts';
import { checkAllowed, judge, RULE_IDS, verdictsToIssues } from '../../../src/presets/judge.ts';
import type { Platform, RuleId, RuleValues } from '../../../src/presets/platform.ts';

interface Case<V> {
  readonly value: V;
  readonly good: DeliveryFacts;
  readonly bad: DeliveryFacts;
}

const mp4: DeliveryFacts = { container: 'mp4' };
const avc: DeliveryFacts = { videoCodec: 'h264' };
const frame = (width: number, height: number): DeliveryFacts => ({ width, height });

/** For each rule one delivery that keeps it and one that breaks it. */
const CASES: { readonly [R in RuleId]: Case<RuleValues[R]> } = {
  container: { value: ['mp4', 'mov'], good: mp4, bad: { container: 'mkv' } },
  max_file_size: { value: 72, good: { bytes: 72_000_000 }, bad: { bytes: 72_000_001 } },
  min_file_size: { value: 0.075, good: { bytes: 75_000 }, bad: { bytes: 74_999 } },
  max_duration: { value: 140, good: { durationSec: 140.02 }, bad: { durationSec: 141 } },
  min_duration: { value: 3, good: { durationSec: 2.98 }, bad: { durationSec: 2.5 } },
  moov_at_front: { value: true, good: { ...mp4, moovAtFront: true }, bad: { ...mp4, moovAtFront: false } },
  no_edit_list: { value: true, good: { ...mp4, hasEditList: false }, bad: { ...mp4, hasEditList: true } },
  fragmented: { value: false, good: { ...mp4, fragmented: false }, bad: { ...mp4, fragmented: true } },
  video_codec: { value: ['h265'], good: { videoCodec: 'hevc' }, bad: avc },
  h264_profile: {
    value: ['High'],
    good: { ...avc, profile: 'High' },
    bad: { ...avc, profile: 'Constrained Baseline' },
  },
  cabac: { value: true, good: { ...avc, cabac: true }, bad: { ...avc, cabac: false } },
  b_frames: { value: 2, good: { ...avc, maxBFrames: 2 }, bad: { ...avc, maxBFrames: 3 } },
  closed_gop: { value: true, good: { closedGop: true }, bad: { closedGop: false } },
  max_keyframe_interval: { value: 0.5, good: { keyframeSec: 0.5005 }, bad: { keyframeSec: 0.6 } },
  hevc_tag: {
    value: ['hvc1'],
    good: { ...mp4, videoCodec: 'h265', codecTag: 'hvc1' },
    bad: { ...mp4, videoCodec: 'h265', codecTag: 'hev1' },
  },
  max_video_bitrate: { value: 25_000, good: { videoKbps: 25_000 }, bad: { videoKbps: 25_001 } },
  min_video_bitrate: { value: 516, good: { videoKbps: 516 }, bad: { videoKbps: 500 } },
  recommended_video_bitrate: {
    value: {
      too_little: 0.25,
      rows: [
        { short_side: 720, max_frame_rate: 30, hdr: false, min_kbps: 5000, max_kbps: 5000 },
        { short_side: 1080, max_frame_rate: 30, hdr: false, min_kbps: 8000, max_kbps: 8000 },
      ],
    },
    good: { ...frame(1920, 1080), frameRate: 29.97, videoKbps: 7000 },
    bad: { ...frame(1280, 720), frameRate: 29.97, videoKbps: 7000 },
  },
  max_width: { value: 1920, good: frame(1920, 3840), bad: frame(1922, 1080) },
  max_height: { value: 1080, good: frame(3840, 1080), bad: frame(1920, 1082) },
  min_width: { value: 360, good: frame(360, 200), bad: frame(358, 640) },
  min_height: { value: 360, good: frame(200, 360), bad: frame(640, 358) },
  max_long_side: { value: 1280, good: frame(720, 1280), bad: frame(720, 1282) },
  max_short_side: { value: 1024, good: frame(1024, 1280), bad: frame(1026, 1280) },
  min_long_side: { value: 256, good: frame(144, 256), bad: frame(254, 144) },
  min_short_side: { value: 144, good: frame(144, 256), bad: frame(256, 142) },
  aspect_ratio: { value: { min: '9:16', max: '16:9' }, good: frame(854, 480), bad: frame(1920, 800) },
  recommended_aspect: { value: ['9:16'], good: frame(480, 854), bad: frame(854, 480) },
  max_frame_rate: { value: 60, good: { frameRate: 60.02 }, bad: { frameRate: 61 } },
  min_frame_rate: { value: 23, good: { frameRate: 23.976 }, bad: { frameRate: 20 } },
  constant_frame_rate: { value: true, good: { constantFrameRate: true }, bad: { constantFrameRate: false } },
  progressive: { value: true, good: { progressive: true }, bad: { progressive: false } },
  pixel_format: { value: ['4:2:0'], good: { pixelFormat: 'yuvj420p' }, bad: { pixelFormat: 'yuv422p' } },
  bit_depth: { value: 8, good: { bitDepth: 8 }, bad: { bitDepth: 10 } },
  sample_aspect: { value: '1:1', good: { sampleAspect: 1 }, bad: { sampleAspect: 64 / 45 } },
  colour_space: {
    value: 'bt709',
    good: { hdr: false, colour: { range: 'tv', primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' } },
    bad: { hdr: false, colour: { range: 'tv', primaries: 'bt470bg', transfer: 'smpte170m', matrix: 'bt470bg' } },
  },
  hdr: {
    value: { allowed: true, min_short_side: 720 },
    good: { ...frame(1280, 720), hdr: true },
    bad: { ...frame(854, 480), hdr: true },
  },
  rotation_matrix: { value: false, good: { rotationMatrix: false }, bad: { rotationMatrix: true } },
  audio_required: { value: true, good: { hasAudio: true }, bad: { hasAudio: false } },
  audio_codec: { value: ['aac', 'pcm'], good: { audioCodec: 'pcm_s24le' }, bad: { audioCodec: 'mp2' } },
  audio_profile: {
    value: ['LC'],
    good: { audioCodec: 'aac', audioProfile: 'LC' },
    bad: { audioCodec: 'aac', audioProfile: 'HE-AAC' },
  },
  audio_channels: { value: [1, 2], good: { hasAudio: true, channels: 2 }, bad: { hasAudio: true, channels: 6 } },
  audio_sample_rate: {
    value: { max: 48_000 },
    good: { hasAudio: true, sampleRate: 44_100 },
    bad: { hasAudio: true, sampleRate: 96_000 },
  },
  max_audio_bitrate: { value: 128, good: { hasAudio: true, audioKbps: 128 }, bad: { hasAudio: true, audioKbps: 192 } },
  min_audio_bitrate: { value: 128, good: { hasAudio: true, audioKbps: 110 }, bad: { hasAudio: true, audioKbps: 64 } },
  recommended_audio_bitrate: {
    value: [
      { channels: 1, kbps: 128 },
      { channels: 2, kbps: 384 },
    ],
    good: { hasAudio: true, channels: 1, audioKbps: 96 },
    bad: { hasAudio: true, channels: 2, audioKbps: 96 },
  },
  loudness: {
    value: { lufs: -14, tolerance: 1 },
    good: { hasAudio: true, loudnessLufs: -14.6 },
    bad: { hasAudio: true, loudnessLufs: -23 },
  },
};

/** A platform with one rule. The cast joins rule and value again, which a loop over the cases takes apart. */
function onlyRule(id: string, value: unknown, more: object = {}): Platform {
  const rule = {
    rule: id,
    value,
    severity: 'reject',
    surface: 'api',
    source: 'https://example.org/rules',
    checked_on: '2026-01-02',
    conflicts: [],
    ...more,
  };
  return {
    version: 1,
    platform_id: 'invented',
    name: 'Invented',
    publishes: false,
    recommended_settings: {},
    compatibility_notes: [],
    rules: [rule] as unknown as Platform['rules'],
  };
}

describe('each rule', () => {
  it('has a case here', () => {
    expect(Object.keys(CASES).sort()).toEqual([...RULE_IDS].sort());
  });

  it.each(Object.entries(CASES))('%s: kept, broken, not known', (id, { value, good, bad }) => {
    const platform = onlyRule(id, value);
    const verdicts = (facts: DeliveryFacts) => judge(platform, facts).map((one) => one.verdict);
    expect(verdicts(good)).toEqual(['pass']);
    expect(verdicts(bad)).toEqual(['fail']);
    expect(verdicts({})).toEqual(['unknown']);
    const [broken] = judge(platform, bad);
    expect(broken).toMatchObject({ rule: id, source: 'https://example.org/rules', checked_on: '2026-01-02' });
    expect(broken?.wanted).not.toBe('');
    expect(broken?.found).not.toBe('');
    expect(broken?.found).not.toBe('not known');
    expect(broken?.hint).not.toBe('');
  });
});

describe('severities', () => {
  const long = { durationSec: 200 };
  const verdictFor = (severity: string, allow: readonly string[] = []) =>
    judge(onlyRule('max_duration', 140, { severity }), long, allow);

  it('only reject fails', () => {
    expect(verdictFor('reject')[0]?.verdict).toBe('fail');
    expect(verdictFor('transcoded')[0]?.verdict).toBe('warn');
    expect(verdictFor('recommend')[0]?.verdict).toBe('warn');
  });

  it('become findings that name wanted, found, page, date and the way out', () => {
    const [error] = verdictsToIssues(verdictFor('reject'));
    expect(error).toMatchObject({
      severity: 'error',
      code: 'platform_max_duration',
      path: '--duration',
      exit: 'RULES',
    });
    for (const part of ['Invented', '2 min 20 s', '3 min 20 s', 'https://example.org/rules', '2026-01-02']) {
      expect(error?.message).toContain(part);
    }
    expect(error?.hint).toContain('--allow max_duration');
    expect(verdictsToIssues(verdictFor('transcoded'))).toMatchObject([{ severity: 'warning' }]);
    expect(verdictsToIssues(verdictFor('reject'), '/films/a.mp4')).toMatchObject([{ path: '/films/a.mp4' }]);
  });

  it('a way of doing it that is only advised is a remark, but a fault where it is demanded', () => {
    const vp9 = { videoCodec: 'vp9' };
    const severities = (severity: string) =>
      verdictsToIssues(judge(onlyRule('video_codec', ['h264'], { severity }), vp9)).map((issue) => issue.severity);
    expect(['recommend', 'transcoded', 'reject'].flatMap(severities)).toEqual(['info', 'warning', 'error']);
  });

  it('advice is a remark', () => {
    const verdicts = judge(onlyRule('loudness', { lufs: -14, tolerance: 1 }, { severity: 'recommend' }), {
      hasAudio: true,
      loudnessLufs: -23,
    });
    expect(verdictsToIssues(verdicts)).toMatchObject([{ severity: 'info' }]);
  });

  it('--allow lets a rule pass, and says so', () => {
    const verdicts = verdictFor('reject', ['max_duration']);
    expect(verdicts[0]?.verdict).toBe('allowed');
    expect(verdictsToIssues(verdicts)).toMatchObject([{ severity: 'info' }]);
    expect(verdictFor('reject', ['max_file_size'])[0]?.verdict).toBe('fail');
    expect(checkAllowed(['max_duration'])).toEqual([]);
    expect(checkAllowed(['max_durations'])).toMatchObject([{ exit: 'USAGE', hint: "did you mean 'max_duration'?" }]);
  });
});

describe('what a rule is about', () => {
  it('sound rules say nothing of a silent film', () => {
    const silent = judge(onlyRule('audio_codec', ['aac']), { hasAudio: false });
    expect(silent).toEqual([]);
  });

  it('MP4 rules say nothing of WebM, H.264 rules nothing of VP9', () => {
    const webm = { container: 'webm', videoCodec: 'vp9', moovAtFront: false, profile: 'Profile 0' };
    for (const [id, value] of [
      ['moov_at_front', true],
      ['no_edit_list', true],
      ['fragmented', false],
      ['h264_profile', ['High']],
      ['cabac', true],
      ['b_frames', 2],
      ['hevc_tag', ['hvc1']],
    ] as const) {
      expect(judge(onlyRule(id, value), webm), id).toEqual([]);
    }
  });

  it('applies_to narrows a rule to codecs', () => {
    const platform = onlyRule('bit_depth', 8, { applies_to: ['h264'] });
    expect(judge(platform, { videoCodec: 'vp9', bitDepth: 10 })).toEqual([]);
    expect(judge(platform, { videoCodec: 'h264', bitDepth: 10 })[0]?.verdict).toBe('fail');
    expect(judge(platform, { bitDepth: 10 })[0]?.verdict).toBe('unknown');
  });

  it('chroma is read off any pixel format', () => {
    expect(['yuv420p', 'yuvj420p', 'yuv420p10le', 'nv12', 'p010le'].map(chromaOf)).toEqual(Array(5).fill('4:2:0'));
    expect(['yuv422p10le', 'uyvy422', 'yuva444p10le', 'gbrp', 'gray', 'xyz12le'].map(chromaOf)).toEqual([
      '4:2:2',
      '4:2:2',
      '4:4:4',
      'RGB',
      'grey',
      undefined,
    ]);
  });
});

/** A 10 s 720p film as sg-export would make it. */
const film: DeliveryFacts = {
  container: 'mp4',
  bytes: 5_000_000,
  durationSec: 10.02,
  moovAtFront: true,
  hasEditList: false,
  fragmented: false,
  videoCodec: 'h264',
  profile: 'High',
  cabac: true,
  maxBFrames: 2,
  closedGop: true,
  keyframeSec: 0.5005,
  codecTag: 'avc1',
  videoKbps: 3900,
  width: 1280,
  height: 720,
  sampleAspect: 1,
  frameRate: 30000 / 1001,
  constantFrameRate: true,
  progressive: true,
  pixelFormat: 'yuv420p',
  bitDepth: 8,
  colour: { range: 'tv', primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' },
  hdr: false,
  rotationMatrix: false,
  hasAudio: true,
  audioCodec: 'aac',
  audioProfile: 'LC',
  channels: 2,
  sampleRate: 48_000,
  audioKbps: 129,
};

describe('a good film', () => {
  it.each(['youtube', 'instagram', 'tiktok', 'twitter', 'linkedin', 'web'])('passes %s without a warning', (id) => {
    const { found } = findPlatform(id);
    const issues = found ? verdictsToIssues(judge(found, film)) : [{ severity: 'error' }];
    expect(issues.filter((issue) => issue.severity !== 'info')).toEqual([]);
  });

  it('known in full, leaves nothing but the loudness open', () => {
    for (const platform of listPlatforms()) {
      const open = judge(platform, film).filter((one) => one.verdict === 'unknown');
      expect(
        open.map((one) => one.rule).filter((rule) => rule !== 'loudness'),
        platform.platform_id,
      ).toEqual([]);
    }
  });

  it('of which nothing is known, breaks nothing', () => {
    for (const platform of listPlatforms()) {
      expect(
        judge(platform, {}).every((one) => one.verdict === 'unknown'),
        platform.platform_id,
      ).toBe(true);
    }
  });
});
