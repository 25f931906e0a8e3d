import { describe, expect, test } from 'vitest';
import { encodeBytes, encodeWork } from '../../../src/codecs/appetite.ts';
import { VIDEO_CODECS } from '../../../src/codecs/video.ts';

const FULL_HD = { width: 1920, height: 1080 };
const bytes = (encoder: string, pixelFormat = 'yuv420p', output = FULL_HD) =>
  encodeBytes(encoder, { ...output, pixelFormat }, FULL_HD) / 1e6;

describe('what an encode is expected to need', () => {
  test.each([
    ['libx264', 510, 'yuv420p'],
    ['libx265', 490, 'yuv420p'],
    ['libx265', 746, 'yuv420p10le'],
    ['libvpx-vp9', 384, 'yuv420p'],
    ['libvpx-vp9', 549, 'yuv420p10le'],
    ['libsvtav1', 650, 'yuv420p'],
    ['prores_ks', 128, 'yuv422p10le'],
    ['dnxhd', 315, 'yuv422p'],
  ])('%s at 1080p: no less than the %i MB that it took as %s, and not twice of it', (encoder, measured, format) => {
    expect(bytes(encoder, format)).toBeGreaterThan(measured * 0.95);
    expect(bytes(encoder, format)).toBeLessThan(measured * 2);
  });

  test('a copy needs next to nothing, and an eighth of the picture less', () => {
    expect(bytes('copy')).toBeLessThan(150);
    expect(bytes('libx264', 'yuv420p', { width: 640, height: 360 })).toBeLessThan(bytes('libx264') / 3);
  });

  test('every encoder has work', () => {
    for (const { encoders } of VIDEO_CODECS)
      for (const { encoder } of encoders)
        expect(encodeWork(encoder, { ...FULL_HD, framesPerSec: 25 }), encoder).toBeGreaterThan(0);
  });
});
