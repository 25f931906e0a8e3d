import { execFileSync } from 'node:child_process';
import { probe } from './clips.ts';

/** Speakers of the layouts that the tests use, in ffmpeg's order. */
export const LAYOUTS: Readonly<Record<string, readonly string[]>> = {
  mono: ['FC'],
  stereo: ['FL', 'FR'],
  '2.1': ['FL', 'FR', 'LFE'],
  '5.1': ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR'],
  '5.1(side)': ['FL', 'FR', 'FC', 'LFE', 'SL', 'SR'],
  '7.1': ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR', 'SL', 'SR'],
};

/** A tone for each speaker, Hz: whole periods in half a second, the low one below what an LFE channel cuts. */
export const TONES: Readonly<Record<string, number>> = {
  FL: 300,
  FR: 400,
  FC: 500,
  LFE: 60,
  BL: 700,
  BR: 800,
  SL: 900,
  SR: 1000,
};

/** A source of sound for lavfi: each speaker its tone. `level` is the amplitude, 0–1. */
export function tones(layout: string, level: number, sec: number, rateHz = 48_000): string {
  const each = (LAYOUTS[layout] ?? []).map((speaker) => `${level}*sin(2*PI*${TONES[speaker]}*t)`);
  return `aevalsrc='${each.join('|')}':c=${layout}:s=${rateHz}:d=${sec}`;
}

export interface Heard {
  readonly layout: string;
  readonly rateHz: number;
  /** Samples of each channel, −1 to 1. */
  readonly channels: readonly Float64Array[];
}

/** Decodes a track (from 0) as it is: no mixing, no resampling. */
export function hear(file: string, track = 0): Heard {
  const stream = probe(file).streams.filter(({ codec_type }) => codec_type === 'audio')[track] ?? {};
  const args = ['-v', 'error', '-nostdin', '-i', `file:${file}`, '-map', `0:a:${track}`, '-f', 'f64le', '-'];
  const bytes = execFileSync('ffmpeg', args, { maxBuffer: 1e9 });
  const count = Number(stream.channels);
  const length = Math.floor(bytes.length / 8 / count);
  const channels = Array.from({ length: count }, (_, channel) =>
    Float64Array.from({ length }, (_, n) => bytes.readDoubleLE((n * count + channel) * 8)),
  );
  return { layout: String(stream.channel_layout), rateHz: Number(stream.sample_rate), channels };
}

/** Amplitude of one tone in half a second from the middle of a channel. */
export function amplitude(samples: Float64Array, rateHz: number, hz: number): number {
  const length = rateHz / 2;
  const from = Math.max(0, Math.floor((samples.length - length) / 2));
  let [re, im] = [0, 0];
  for (let n = 0; n < length; n += 1) {
    const angle = (2 * Math.PI * hz * n) / rateHz;
    const value = samples[from + n] ?? 0;
    re += value * Math.cos(angle);
    im += value * Math.sin(angle);
  }
  return (2 * Math.hypot(re, im)) / length;
}

/** The greatest sample of all channels. */
export const peakOf = ({ channels }: Heard): number =>
  channels.reduce((peak, one) => one.reduce((most, value) => Math.max(most, Math.abs(value)), peak), 0);
