import { describe, expect, it } from 'vitest';
import { audioCodec } from '../../../src/codecs/audio.ts';
import { container } from '../../../src/codecs/containers.ts';
import type { AudioStream } from '../../../src/model/media.ts';
import type { OptionValues } from '../../../src/model/option-values.ts';
import { formatRational, type Rational, rational } from '../../../src/model/rational.ts';
import { deliveredRate } from '../../../src/plan/frame-rate.ts';
import { planSound, type SoundLimits } from '../../../src/plan/sound.ts';
import type { Layered } from '../../../src/presets/layers.ts';
import { fullMedia } from '../../golden/source-file.ts';

function rateOf(source: Rational, limits: Parameters<typeof deliveredRate>[2], fps?: Rational | 'source') {
  const layered: Layered = fps ? { values: { fps }, from: { fps: 'flag' } } : { values: {}, from: {} };
  const { rate, issues } = deliveredRate(source, layered, limits);
  return { rate: formatRational(rate), codes: issues.map(({ code }) => code) };
}

describe('the frame rate that a platform takes', () => {
  const instagram = { minFrameRate: 23, maxFrameRate: 60 };

  it.each([
    [rational(15), '30'],
    [rational(12), '24'],
    [rational(10), '30'],
    [rational(20), '40'],
    [rational(120), '60'],
    [rational(100), '50'],
    [rational(120000, 1001), '60000/1001'],
  ])('is reached by whole factors from %o', (source, rate) => {
    expect(rateOf(source, instagram)).toEqual({ rate, codes: ['platform_frame_rate'] });
  });

  it.each([rational(24000, 1001), rational(25), rational(60), rational(60000, 1001)])('lets %o be', (source) => {
    expect(rateOf(source, instagram)).toEqual({ rate: formatRational(source), codes: [] });
  });

  it('is not forced on a flag, which the rules judge', () => {
    expect(rateOf(rational(25), instagram, rational(12))).toEqual({ rate: '12', codes: [] });
    expect(rateOf(rational(15), instagram, 'source')).toEqual({ rate: '15', codes: [] });
    expect(rateOf(rational(25), instagram, rational(300)).codes).toEqual(['frame_rate_range']);
  });
});

const [sourceTrack] = fullMedia('/films/a.mp4', { audio: [{ index: 1, codec: 'aac' }] }).audio;

function soundOf(
  track: Partial<AudioStream> | undefined,
  limits: SoundLimits,
  options: OptionValues = {},
  codec: 'aac' | 'pcm' = 'aac',
) {
  const row = container(codec === 'pcm' ? 'mov' : 'mp4');
  if (!row || !sourceTrack || !audioCodec(codec)) throw new Error('no such row');
  const tracks = track ? [{ ...sourceTrack, ...track }] : [];
  return planSound(tracks, {
    container: row,
    codec,
    options,
    quality: 'medium',
    limits,
    startSec: 0,
    loudness: undefined,
  });
}

describe('the sound that a platform takes', () => {
  it('has the most channels that it takes of the track', () => {
    const channels = (count: number, taken: readonly number[]) =>
      soundOf({ channels: count, layout: undefined }, { channels: taken }).audio[0]?.channels;
    expect(channels(6, [1, 2])).toBe(2);
    expect(channels(6, [1, 2, 6])).toBe(6);
    expect(channels(4, [1, 2, 6])).toBe(2);
    expect(channels(1, [1, 2])).toBe(1);
    expect(channels(1, [2])).toBe(2);
  });

  it('has the next sample rate that platform and codec take', () => {
    const rate = (source: number, limits: SoundLimits, codec?: 'aac' | 'pcm') =>
      soundOf({ sampleRate: source }, limits, {}, codec).audio[0]?.sampleRate;
    expect(rate(44100, { sampleRates: [48000, 96000] })).toBe(48000);
    expect(rate(96000, { sampleRates: [48000, 96000] })).toBe(48000);
    expect(rate(96000, { sampleRates: [48000, 96000] }, 'pcm')).toBe(96000);
    expect(rate(96000, { maxSampleRate: 48000 }, 'pcm')).toBe(48000);
    expect(rate(22050, { maxSampleRate: 48000 })).toBe(22050);
    expect(rate(37800, { maxSampleRate: 64000 }, 'pcm')).toBe(37800);
  });

  it('has the rate that is advised for its channels', () => {
    const rates = [
      { channels: 1, kbps: 128 },
      { channels: 2, kbps: 384 },
      { channels: 6, kbps: 512 },
    ];
    const kbps = (channels: number) => soundOf({ channels, layout: undefined }, { rates }).audio[0]?.kbps;
    expect([kbps(1), kbps(2), kbps(6)]).toEqual([128, 384, 512]);
  });

  it('is what flags say: the rules judge that, and only the codec can refuse it', () => {
    const limits = { channels: [1, 2], sampleRates: [48000], maxKbps: 320 };
    const asked = soundOf({ channels: 6, layout: '5.1' }, limits, { channels: 6, sampleRate: 44100 });
    expect(asked.issues).toEqual([]);
    expect(asked.audio[0]).toMatchObject({ channels: 6, sampleRate: 44100 });
    const codes = soundOf({}, limits, { channels: 9, sampleRate: 96000 }).issues.map(({ code }) => code);
    expect(codes).toEqual(['too_many_channels', 'sample_rate_refused']);
  });

  it('is silence where there is none and there must be some', () => {
    const added = soundOf(undefined, { required: true, rates: [{ channels: 2, kbps: 96 }] });
    expect(added.audio).toMatchObject([{ silent: true, encoder: 'aac', channels: 2, sampleRate: 48000, kbps: 96 }]);
    expect(added.issues).toMatchObject([{ severity: 'warning', code: 'silence_added' }]);
    expect(soundOf(undefined, {}).audio).toEqual([]);
    expect(soundOf({}, { required: true }).audio[0]?.silent).toBeUndefined();
  });
});
