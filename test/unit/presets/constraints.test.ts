import { describe, expect, it } from 'vitest';
import { findPlatform, listPlatforms } from '../../../src/presets/catalogue.ts';
import { largestFrame, platformConstraints, recommendedVideoRate } from '../../../src/presets/constraints.ts';
import { platformDefaults } from '../../../src/presets/defaults.ts';
import type { Platform } from '../../../src/presets/platform.ts';

function platform(id: string): Platform {
  const { found } = findPlatform(id);
  if (!found) throw new Error(`no platform ${id}`);
  return found;
}
const hd = { width: 1920, height: 1080, frameRate: 25, hdr: false };

describe('constraints', () => {
  it('YouTube: what its upload page asks', () => {
    expect(platformConstraints(platform('youtube'))).toMatchObject({
      gopSec: 0.5,
      closedGop: true,
      bFrames: 2,
      h264Profile: 'high',
      cabac: true,
      fastStart: true,
      noEditList: true,
      progressive: true,
      maxFrameRate: 60,
      channels: [1, 2, 6],
      sampleRates: [48_000, 96_000],
      hdrMinShortSide: 720,
      maxBytes: 256e9,
      dropLocation: true,
    });
  });

  it('the strictest rule wins, but for advertising’s', () => {
    expect(platformConstraints(platform('twitter'))).toMatchObject({ maxLongSide: 1280, maxShortSide: 1024 });
    const linkedin = platformConstraints(platform('linkedin'));
    expect(linkedin).toMatchObject({ maxFrameRate: 60, maxLongSide: 4096, maxBytes: 5e9 });
    expect(linkedin.maxWidth).toBeUndefined();
    expect(linkedin.aspect?.max).toBeCloseTo(2.4);
  });

  it('advised sizes do not shrink a film', () => {
    expect(platformConstraints(platform('tiktok')).maxBytes).toBe(287e6);
  });

  it('tags are dropped where strangers look', () => {
    const dropping = listPlatforms().filter((one) => platformConstraints(one).dropLocation);
    expect(dropping.map((one) => one.platform_id)).toEqual(['youtube', 'instagram', 'tiktok', 'twitter', 'linkedin']);
  });
});

describe('the largest frame', () => {
  it.each([
    ['twitter', 1920, 1080, 1280, 720],
    ['twitter', 1080, 1920, 720, 1280],
    ['twitter', 2000, 2000, 1024, 1024],
    ['twitter', 640, 360, 640, 360],
    ['instagram', 3840, 2160, 1920, 1080],
    ['instagram', 2160, 3840, 1920, 3412],
    ['linkedin', 1081, 1921, 1081, 1921],
    ['web', 7680, 4320, 7680, 4320],
  ])('%s takes %i×%i as %i×%i', (id, width, height, wide, high) => {
    const frame = largestFrame(platformConstraints(platform(id)), { width, height });
    expect(frame).toEqual({ width: wide, height: high });
  });
});

describe('defaults', () => {
  it('YouTube: by quality, with the table’s figure as the maximum', () => {
    const { settings } = platformDefaults(platform('youtube'), hd);
    expect(settings).toMatchObject({ codec: 'h264', audio_codec: 'aac', container: 'mp4', max_bitrate: 8000 });
    expect(settings).toMatchObject({ quality: 'high', audio_bitrate: 384 });
    expect(settings).not.toHaveProperty('mode');
  });

  it.each([
    [1920, 1080, 50, false, 12_000],
    [1080, 1920, 30, false, 8000],
    [3840, 2160, 59.94, true, 85_000],
    [1600, 900, 24, false, 8000],
    [320, 180, 25, false, 1000],
    [854, 480, 25, true, 6500],
    [7680, 4320, 25, false, 160_000],
    [7680, 4320, 60, true, undefined],
    [1920, 1080, 120, false, undefined],
  ])('YouTube advises for %i×%i at %f, HDR %s: %s kbps at most', (width, height, frameRate, hdr, kbps) => {
    expect(recommendedVideoRate(platform('youtube'), { width, height, frameRate, hdr })?.max_kbps).toBe(kbps);
  });

  it('a platform’s maximum is kept where there is no table', () => {
    expect(platformDefaults(platform('instagram'), hd).settings).toMatchObject({
      max_bitrate: 25_000,
      audio_bitrate: 128,
    });
    expect(platformDefaults(platform('web'), hd).settings).toEqual(platform('web').recommended_settings);
  });
});
