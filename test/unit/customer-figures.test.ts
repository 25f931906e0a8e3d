import { describe, expect, it } from 'vitest';
import { LEVELS } from '../../src/codecs/levels.ts';
import { bitrateMultiplier, RESOLUTIONS, resolutionRow } from '../../src/codecs/resolutions.ts';
import { VIDEO_CODECS } from '../../src/codecs/video.ts';
import { findPreset } from '../../src/presets/catalogue.ts';
import { presetRow } from '../../src/presets/rows.ts';

// The customer's tables, as they were given. Whoever changes one of these numbers changes a promise.

describe('quality levels', () => {
  it.each([
    //          Mbps at 720p  target  audio  speed
    ['draft', 1, 2, 2000, 96, 'fast'],
    ['low', 2, 4, 3000, 128, 'fast'],
    ['medium', 4, 8, 5000, 192, 'medium'],
    ['high', 8, 15, 8000, 256, 'slow'],
    ['ultra', 15, 50, 15000, 320, 'slow'],
  ] as const)('%s: %i–%i Mbps, target %i kbps, audio %i kbps, %s', (name, min, max, kbps, audioKbps, speed) => {
    expect(LEVELS[name]).toEqual({ minKbps: min * 1000, maxKbps: max * 1000, kbps, audioKbps, speed });
  });
});

describe('CRF and flavours of the levels', () => {
  const LEVEL_NAMES = ['draft', 'low', 'medium', 'high', 'ultra'] as const;
  it.each([
    ['h264', [28, 26, 23, 20, 17]],
    ['h265', [30, 28, 25, 22, 19]],
    ['vp9', [40, 36, 32, 28, 24]],
    ['prores', ['proxy', 'lt', 'standard', 'hq', '4444']],
    ['dnxhr', ['lb', 'lb', 'sq', 'hq', 'hqx']],
  ])('%s: %s', (id, wanted) => {
    const levels = VIDEO_CODECS.find((codec) => codec.id === id)?.encoders[0]?.levels;
    expect(LEVEL_NAMES.map((name) => levels?.[name])).toEqual(wanted);
  });
});

describe('bitrate multipliers', () => {
  it.each([
    ['480p', 0.5],
    ['720p', 1],
    ['1080p', 2],
    ['1440p', 3.5],
    ['2160p', 6],
  ])('%s: %f', (id, factor) => {
    const row = resolutionRow(id);
    expect(bitrateMultiplier(row?.width ?? 0, row?.height ?? 0)).toBeCloseTo(factor, 6);
  });

  it('rise with the pixels between and beyond the named sizes', () => {
    const sizes = [360, 480, 600, 720, 900, 1080, 1300, 1440, 2000, 2160, 4320].map((h) => (h * h * 16) / 9);
    const factors = sizes.map((pixels) => bitrateMultiplier(pixels, 1));
    expect(factors).toEqual([...factors].sort((a, b) => a - b));
  });
});

describe('resolutions', () => {
  it('are these', () => {
    expect(RESOLUTIONS.map((row) => `${row.id} ${row.width}x${row.height} ${row.aspectRatio}`)).toEqual([
      '360p 640x360 16:9',
      '480p 854x480 16:9',
      '720p 1280x720 16:9',
      '1080p 1920x1080 16:9',
      '1440p 2560x1440 16:9',
      '2160p 3840x2160 16:9',
      '4320p 7680x4320 16:9',
      '480p_v 480x854 9:16',
      '720p_v 720x1280 9:16',
      '1080p_v 1080x1920 9:16',
      '480p_sq 480x480 1:1',
      '720p_sq 720x720 1:1',
      '1080p_sq 1080x1080 1:1',
    ]);
  });

  it.each([
    ['4k', '2160p'],
    ['8k', '4320p'],
  ])('%s is %s', (word, id) => {
    expect(resolutionRow(word)?.id).toBe(id);
  });
});

describe('system presets', () => {
  it.each([
    //                 quality   video     speed     size
    ['social_quick', 'medium', 'h264', 'fast', 'balanced'],
    ['social_quality', 'high', 'h264', 'slow', 'balanced'],
    ['web_optimized', 'medium', 'vp9', 'medium', 'size'],
    ['professional', 'ultra', 'prores', 'slow', 'quality'],
    ['archive', 'high', 'h265', 'slow', 'quality'],
    ['mobile', 'low', 'h264', 'fast', 'size'],
  ])('%s: %s, %s, %s, %s', (id, quality, codec, speed, priority) => {
    const { found } = findPreset(id);
    expect(found && presetRow(found)).toMatchObject({
      target_quality: quality,
      video_codec: codec,
      encoding_speed: speed,
      file_size_priority: priority,
      is_system: true,
    });
  });
});
