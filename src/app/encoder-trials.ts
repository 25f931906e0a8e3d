import { availableParallelism } from 'node:os';
import { AUDIO_CODECS, audioEncoder } from '../codecs/audio.ts';
import type { EncoderRow, EncodeSpec, Rate } from '../codecs/encoder-row.ts';
import { hardwareFamily } from '../codecs/hardware.ts';
import { VIDEO_CODECS } from '../codecs/video.ts';
import { TRIAL_SIZE, type Trial } from '../hw/trial.ts';
import type { DeviceAddress } from '../model/hardware.ts';
import type { ResolvedVideo } from '../plan/resolved.ts';

/** The flavour that takes a pixel format, of those that have flavours. */
const flavourFor = (row: EncoderRow, pixelFormat: string): string | undefined =>
  Object.entries(row.flavours ?? {}).find(([, { formats }]) => formats.some(({ name }) => name === pixelFormat))?.[0];

/** What of a film, beyond its pixel format, one device takes and the next one refuses. */
export interface TrialWish {
  /** Rate control; constant quality, or a flavour, where left out. */
  readonly mode?: 'vbr' | 'cbr' | 'abr';
  readonly width: number;
  readonly height: number;
}

/** What every device takes that encodes at all: a film of a size in between needs no trial of its own. */
const PROVED_TO = { long: 1920, short: 1088 } as const;

/** What a trial must be like to prove that a device takes this film. */
export function wishOf({ rate, geometry: { width, height } }: ResolvedVideo): TrialWish {
  const [long, short] = [Math.max(width, height), Math.min(width, height)];
  const isOrdinary =
    width >= TRIAL_SIZE.width && height >= TRIAL_SIZE.height && long <= PROVED_TO.long && short <= PROVED_TO.short;
  const mode = rate.mode === 'crf' || rate.mode === 'flavour' ? undefined : rate.mode;
  return { ...(isOrdinary ? TRIAL_SIZE : { width, height }), ...(mode ? { mode } : {}) };
}

const KBPS = 1000;
const VBV = { maxKbps: KBPS, bufferKbit: 2 * KBPS } as const;

function trialRate(row: EncoderRow, pixelFormat: string, mode: TrialWish['mode']): Rate {
  const level = row.levels.medium;
  if (mode === 'abr') return { mode, kbps: KBPS };
  if (mode) return { mode, kbps: KBPS, vbv: mode === 'cbr' ? VBV : { ...VBV, maxKbps: 2 * KBPS } };
  if (typeof level === 'number') return { mode: 'crf', crf: level };
  return { mode: 'flavour', flavour: (row.hardware ? flavourFor(row, pixelFormat) : undefined) ?? level };
}

/** An ordinary medium encode of a small picture. */
function trialSpec(
  row: EncoderRow,
  pixelFormat: string,
  device?: DeviceAddress,
  { mode, width, height }: TrialWish = TRIAL_SIZE,
): EncodeSpec {
  return {
    rate: trialRate(row, pixelFormat, mode),
    speed: 'fast',
    width,
    height,
    frameRate: { num: 25, den: 1 },
    pixelFormat,
    gop: { sec: 2, frames: 50 },
    colour: { range: 'tv', primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' },
    hdr: undefined,
    container: 'mkv',
    threads: 1,
    pass: undefined,
    device,
    custom: {},
  };
}

/** A few frames through an encoder in software; `wanted`: in place of the pixel format that it likes best. */
export function softwareTrial(row: EncoderRow, wanted = row.formats[0]?.name ?? 'yuv420p'): Trial {
  const spec = trialSpec(row, wanted);
  const flavour = spec.rate.mode === 'flavour' ? row.flavours?.[spec.rate.flavour] : undefined;
  const pixelFormat = flavour?.formats[0]?.name ?? spec.pixelFormat;
  const args = row.args({ ...spec, pixelFormat });
  return { encoder: row.encoder, kind: 'video', pixelFormat, args, ...(row.env ? { env: row.env } : {}) };
}

/** Muxers that write the stream as it is, so that what is found in it is the encoder's. */
const MUXERS: Readonly<Record<string, string>> = { h264: 'h264', hevc: 'hevc', vp9: 'ivf', av1: 'ivf', prores: 'mov' };

/** A few frames through a hardware encoder, by the arguments that an export would give it, on one device. */
export function hardwareTrial(
  row: EncoderRow,
  pixelFormat: string,
  device: DeviceAddress,
  wish: TrialWish = TRIAL_SIZE,
): Trial {
  if (!row.hardware) throw new Error(`${row.encoder} is no hardware encoder`);
  const family = hardwareFamily(row.hardware);
  const codec = VIDEO_CODECS.find(({ encoders }) => encoders.includes(row))?.probeName ?? '';
  const spec = trialSpec(row, pixelFormat, device, wish);
  const flavour = spec.rate.mode === 'flavour' ? row.flavours?.[spec.rate.flavour] : undefined;
  const upload = family.upload(row.layouts?.[pixelFormat] ?? pixelFormat);
  return {
    encoder: row.encoder,
    kind: 'video',
    pixelFormat,
    args: row.args(spec),
    env: { ...family.env, ...row.env },
    device: {
      open: family.open(device),
      filters: [`format=${pixelFormat}`, ...upload].join(','),
      codec,
      pixelFormat: flavour?.probedAs?.[pixelFormat] ?? pixelFormat,
      profiles: flavour ? [flavour.profile] : row.formats.find(({ name }) => name === pixelFormat)?.profiles,
      muxer: MUXERS[codec] ?? 'nut',
      forcesKeyframes: row.forcesKeyframes,
      ...{ width: wish.width, height: wish.height },
    },
  };
}

const SOFTWARE_ROWS: readonly EncoderRow[] = VIDEO_CODECS.flatMap(({ encoders }) =>
  encoders.filter(({ hardware }) => !hardware),
);
export const HARDWARE_ROWS: readonly EncoderRow[] = VIDEO_CODECS.flatMap(({ encoders }) =>
  encoders.filter(({ hardware }) => hardware),
);

/** Every encoder in software that is worth trying. */
export function softwareTrials(): readonly Trial[] {
  const audio = AUDIO_CODECS.flatMap((codec) => [audioEncoder(codec, 16), audioEncoder(codec, 24)]);
  return [
    ...SOFTWARE_ROWS.map((row) => softwareTrial(row)),
    ...[...new Set(audio)].map((encoder): Trial => ({ encoder, kind: 'audio' })),
  ];
}

const TRIALS_AT_ONCE = Math.min(4, Math.max(2, availableParallelism()));

/** Does several things at once, in their order, a few at a time. */
export async function fewAtOnce<T>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      signal.throwIfAborted();
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: TRIALS_AT_ONCE }, lane));
  signal.throwIfAborted();
}
