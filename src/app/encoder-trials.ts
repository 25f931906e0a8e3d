import { availableParallelism } from 'node:os';
import { AUDIO_CODECS, audioEncoder } from '../codecs/audio.ts';
import type { EncoderRow, EncodeSpec } from '../codecs/encoder-row.ts';
import { VIDEO_CODECS } from '../codecs/video.ts';
import { runTrial, type Trial, type TrialResult } from '../hw/trial.ts';
import type { Toolchain } from '../model/toolchain.ts';

const HARDWARE = /^(h264|hevc|av1|vp9|prores)_(nvenc|qsv|vaapi|amf|videotoolbox)$/;

/** An ordinary medium encode of a small picture. */
function trialSpec(row: EncoderRow): EncodeSpec {
  const level = row.levels.medium;
  return {
    rate: typeof level === 'number' ? { mode: 'crf', crf: level } : { mode: 'flavour', flavour: level },
    speed: 'fast',
    width: 320,
    height: 256,
    frameRate: { num: 25, den: 1 },
    pixelFormat: row.formats[0]?.name ?? 'yuv420p',
    gop: { sec: 2, frames: 50 },
    colour: { range: 'tv', primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' },
    hdr: undefined,
    container: 'mkv',
    threads: 1,
    pass: undefined,
    custom: {},
  };
}

function videoTrial(row: EncoderRow): Trial {
  const spec = trialSpec(row);
  const flavour = spec.rate.mode === 'flavour' ? row.flavours?.[spec.rate.flavour] : undefined;
  const pixelFormat = flavour?.formats[0]?.name ?? spec.pixelFormat;
  const args = row.args({ ...spec, pixelFormat });
  return { encoder: row.encoder, kind: 'video', pixelFormat, args, ...(row.env ? { env: row.env } : {}) };
}

/** Every encoder that is worth trying with this ffmpeg: those of the codecs' rows, and the hardware's that it lists. */
export function trialsFor(toolchain: Pick<Toolchain, 'encoders'>): readonly Trial[] {
  const rows = VIDEO_CODECS.flatMap((codec) => codec.encoders).map(videoTrial);
  const audio = AUDIO_CODECS.flatMap((codec) => [audioEncoder(codec, 16), audioEncoder(codec, 24)]);
  const hardware = toolchain.encoders.filter(
    (name) => HARDWARE.test(name) && !rows.some((row) => row.encoder === name),
  );
  return [
    ...rows,
    ...[...new Set(audio)].map((encoder): Trial => ({ encoder, kind: 'audio' })),
    ...hardware.map((encoder): Trial => ({ encoder, kind: 'video' })),
  ];
}

const TRIALS_AT_ONCE = Math.min(4, Math.max(2, availableParallelism()));

/** Tries several at once. Each ends by itself after some seconds, so all of it does. */
export async function runTrials(
  toolchain: Toolchain,
  trials: readonly Trial[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TrialResult>> {
  const results = new Map<string, TrialResult>();
  const waiting = [...trials];
  const work = async (): Promise<void> => {
    for (let trial = waiting.shift(); trial; trial = waiting.shift()) {
      signal.throwIfAborted();
      results.set(trial.encoder, await runTrial(toolchain, trial, signal));
    }
  };
  await Promise.all(Array.from({ length: TRIALS_AT_ONCE }, work));
  signal.throwIfAborted();
  return results;
}
