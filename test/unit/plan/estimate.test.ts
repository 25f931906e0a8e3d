import { expect, test } from 'vitest';
import { nominalMedia } from '../../../src/model/nominal-media.ts';
import { besideBytes, estimateBytes, framesOf, soundKbps, videoKbpsEstimate } from '../../../src/plan/estimate.ts';
import { planCase, readCase } from '../../golden/golden-case.ts';

const { resolved } = planCase(readCase('h264-abr'));
if (!resolved) throw new Error('the golden case is refused');
const media = nominalMedia(resolved.timeline.durationSec);
const { durationSec } = resolved.timeline;
const streams = (videoKbpsEstimate(resolved, media) + soundKbps(resolved, media)) * durationSec * 125;

test('a container whose packets were measured takes so much for each, not 5 % of all', () => {
  const sizes = (['mp4', 'mkv'] as const).map((container) => estimateBytes({ ...resolved, container }, media));
  const packets = framesOf(resolved) + (durationSec * 48_000) / 1024;
  for (const bytes of sizes) {
    expect(bytes).toBeGreaterThan(streams + 2000 + 8 * packets);
    expect(bytes).toBeLessThan(streams + 2000 + 15 * packets);
  }
  expect(sizes[0]).toBeGreaterThan(sizes[1] ?? 0);
});

test('one of which nothing is known takes the 5 % of the formula', () => {
  const picture = videoKbpsEstimate(resolved, media) * durationSec * 125;
  const beside = besideBytes({ ...resolved, container: 'nut' }, media, framesOf(resolved), { pictureBytes: picture });
  expect(picture + beside).toBeCloseTo(streams * 1.05, -1);
});

test('sound counts for as long as it is heard, and what is attached counts whole', () => {
  const [track] = media.audio;
  if (!track) throw new Error('the nominal source is silent');
  const half = { ...media, audio: [{ ...track, durationSec: durationSec / 2 }] };
  const sounding = { ...resolved, audio: resolved.audio.map((one) => ({ ...one, index: track.index })) };
  const soundOnly = (of: typeof media) => besideBytes(sounding, of, 0) - 2000;
  expect(soundOnly(half) / soundOnly(media)).toBeCloseTo(0.5, 2);
  const font = { ...track, index: 7, kind: 'attachment' as const, bytes: 700_000 };
  const extras = { ...resolved.extras, attachments: [7] };
  const attached = besideBytes({ ...sounding, extras }, { ...media, attachments: [font] }, 0);
  expect(attached - besideBytes(sounding, media, 0)).toBe(700_000);
});

test('ProRes takes more for each macroblock of a small frame, as prores_ks does', () => {
  const prores = planCase(readCase('prores-by-level')).resolved;
  if (!prores) throw new Error('the golden case is refused');
  const kbpsAt = (width: number, height: number) => {
    const video = { ...prores.video, geometry: { ...prores.video.geometry, width, height } };
    return videoKbpsEstimate({ ...prores, video }, media) / (Math.ceil(width / 16) * Math.ceil(height / 16));
  };
  expect(kbpsAt(1280, 720) / kbpsAt(1920, 1080)).toBeCloseTo(1.12, 2);
  expect(kbpsAt(640, 360) / kbpsAt(1920, 1080)).toBeCloseTo(1.65, 2);
  expect(kbpsAt(3840, 2160)).toBeCloseTo(kbpsAt(1920, 1080), 6);
});
