import { describe, expect, it } from 'vitest';
import { findPlatform, findPreset } from '../../../src/presets/catalogue.ts';
import type { DeliveryFacts } from '../../../src/presets/facts.ts';
import { judge, verdictsToIssues } from '../../../src/presets/judge.ts';
import type { Platform } from '../../../src/presets/platform.ts';
import { platformRow, presetRow } from '../../../src/presets/rows.ts';

function platform(id: string): Platform {
  const { found } = findPlatform(id);
  if (!found) throw new Error(`no platform ${id}`);
  return found;
}
function preset(id: string) {
  const { found } = findPreset(id);
  if (!found) throw new Error(`no preset ${id}`);
  return presetRow(found);
}

/** Severities of the findings of one rule. */
function findings(id: string, rule: string, facts: DeliveryFacts) {
  const verdicts = judge(platform(id), facts).filter((verdict) => verdict.rule === rule);
  return verdictsToIssues(verdicts).map((issue) => issue.severity);
}
const sizeOf = (id: string, mb: number) => findings(id, 'max_file_size', { bytes: mb * 1e6 });

describe('the figures that were asked for', () => {
  it.each([
    ['youtube', 256_000],
    ['instagram', 4000],
    ['tiktok', 287],
    ['twitter', 512],
    ['linkedin', 5000],
  ])('%s takes up to %i MB and refuses a byte more', (id, mb) => {
    expect(platformRow(platform(id)).max_file_size_mb).toBe(mb);
    expect(sizeOf(id, mb)).not.toContain('error');
    expect(sizeOf(id, mb + 0.000001)).toContain('error');
  });

  it('TikTok: over 72 MB a warning for the app, over 287 MB an error', () => {
    expect(sizeOf('tiktok', 72)).toEqual([]);
    expect(sizeOf('tiktok', 72.1)).toEqual(['warning']);
    expect(sizeOf('tiktok', 287)).toEqual(['warning']);
    expect(sizeOf('tiktok', 287.1)).toContain('error');
  });

  it('stricter figures found elsewhere warn and name their page', () => {
    const [instagram] = verdictsToIssues(judge(platform('instagram'), { bytes: 301e6 }));
    expect(instagram).toMatchObject({ severity: 'warning', code: 'platform_max_file_size' });
    expect(instagram?.message).toContain('https://www.ayrshare.com/docs/media-guidelines/instagram');
    expect(sizeOf('linkedin', 501)).toEqual(['warning']);
  });

  it.each([
    ['youtube', 'h264', 'aac', ['h264', 'h265', 'vp9']],
    ['twitter', 'h264', 'aac', ['h264']],
    ['web', 'vp9', 'opus', ['vp9', 'h264', 'av1']],
    ['professional', 'prores', 'pcm', ['prores', 'dnxhr']],
  ])('%s: %s with %s advised, %s taken', (id, video, audio, taken) => {
    expect(platformRow(platform(id))).toMatchObject({
      video_codec: video,
      audio_codec: audio,
      supported_video_codecs: taken,
    });
  });

  it('a codec that a platform does not take is refused', () => {
    for (const [id, codec] of [
      ['instagram', 'av1'],
      ['twitter', 'vp9'],
      ['twitter', 'hevc'],
      ['youtube', 'prores'],
      ['professional', 'h264'],
      ['web', 'hevc'],
    ] as const) {
      expect(findings(id, 'video_codec', { videoCodec: codec }), `${codec} on ${id}`).toContain('error');
    }
    expect(findings('twitter', 'audio_codec', { audioCodec: 'opus' })).toEqual(['error']);
    expect(findings('professional', 'video_codec', { videoCodec: 'dnxhd' })).toEqual([]);
  });

  it.each([
    [360, 30, false, 1000, 1000],
    [480, 60, false, 4000, 4000],
    [720, 30, false, 5000, 5000],
    [720, 60, false, 7500, 7500],
    [1080, 30, false, 8000, 8000],
    [1080, 60, false, 12000, 12000],
    [1080, 30, true, 10000, 10000],
    [1080, 60, true, 15000, 15000],
    [1440, 30, false, 16000, 16000],
    [2160, 30, false, 35000, 45000],
    [2160, 60, false, 53000, 68000],
    [2160, 60, true, 66000, 85000],
  ])('YouTube advises for %ip at %i, HDR %s: %i to %i kbps', (side, fps, hdr, low, high) => {
    const { rules } = platform('youtube');
    const table = rules.find((rule) => rule.rule === 'recommended_video_bitrate');
    expect(table?.value).toMatchObject({
      rows: expect.arrayContaining([{ short_side: side, max_frame_rate: fps, hdr, min_kbps: low, max_kbps: high }]),
    });
  });

  it('system presets', () => {
    expect(preset('social_quick')).toMatchObject({ target_quality: 'medium', encoding_speed: 'fast' });
    expect(preset('social_quality')).toMatchObject({ target_quality: 'high', encoding_speed: 'slow' });
    expect(preset('web_optimized')).toMatchObject({
      target_quality: 'medium',
      video_codec: 'vp9',
      audio_codec: 'opus',
      container: 'webm',
      file_size_priority: 'size',
    });
    expect(preset('professional')).toMatchObject({
      target_quality: 'ultra',
      video_codec: 'prores',
      audio_codec: 'pcm',
      container: 'mov',
    });
    expect(preset('archive')).toMatchObject({ target_quality: 'high', video_codec: 'h265' });
    expect(preset('mobile')).toMatchObject({
      target_quality: 'low',
      file_size_priority: 'size',
      resolution_limit: '720p',
    });
  });
});
