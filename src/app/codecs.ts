import { AUDIO_CODECS } from '../codecs/audio.ts';
import { CONTAINERS } from '../codecs/containers.ts';
import { flavourNames } from '../codecs/encoder-row.ts';
import { audioRow, containerListing, videoRow } from '../codecs/listing.ts';
import { VIDEO_CODECS, type VideoCodecRow } from '../codecs/video.ts';
import { machineFacts } from '../hw/devices.ts';
import { SgError } from '../model/errors.ts';
import { OPTIONS } from '../model/options.ts';
import { closest } from '../model/suggest.ts';
import type { Toolchain } from '../model/toolchain.ts';
import { settingsOf } from '../plan/custom.ts';
import { platformsTaking } from '../presets/rows.ts';
import type { Session } from './call.ts';
import { findToolchain } from './toolchain.ts';
import { cachedTrials, type Trials } from './trials.ts';

async function toolchainOrReason(session: Session): Promise<Toolchain | string> {
  return findToolchain(session).catch((error: unknown) => {
    if (error instanceof SgError && error.code === 'TOOLCHAIN') return error.message;
    throw error;
  });
}

interface Machine {
  readonly found: Toolchain | string;
  /** What trials of encoders said, where `doctor` made them. */
  readonly trials: Trials;
}

/** Why an encoder cannot be used here, or null: listed by ffmpeg, and not found broken by a trial. */
function reasonAgainst({ found, trials }: Machine, encoder: string): string | null {
  if (typeof found === 'string') return found;
  return found.encoders.includes(encoder) ? (trials[encoder]?.reason ?? null) : 'not in this ffmpeg';
}

/** A hardware encoder is usable only where a trial proved it. */
function reasonAgainstHardware({ found, trials }: Machine, encoder: string): string | null {
  if (typeof found === 'string') return found;
  if (!found.encoders.includes(encoder)) return 'not in this ffmpeg';
  const own = Object.entries(trials).flatMap(([name, one]) => (name.startsWith(`${encoder} `) ? [one.reason] : []));
  if (own.includes(null)) return null;
  const untried = machineFacts().none ? 'this machine has no graphics device' : 'not tried yet: sg-export doctor does';
  return own[0] ?? untried;
}

function withAvailability(row: VideoCodecRow, machine: Machine) {
  const encoders = row.encoders.map((encoder) => {
    const against = encoder.hardware ? reasonAgainstHardware : reasonAgainst;
    const reason = against(machine, encoder.encoder);
    return {
      encoder: encoder.encoder,
      hardware: encoder.hardware,
      available: reason === null,
      reason,
      modes: encoder.modes,
      two_pass: encoder.twoPass !== null,
      levels: encoder.levels,
      levels_measured: encoder.levelsUnmeasured !== true,
      quality_scale: encoder.crf ? (encoder.crfMeans ?? 'CRF') : null,
      speeds: encoder.speeds,
      pixel_formats: encoder.formats.map((format) => format.name),
      flavours: flavourNames(encoder.flavours),
      settings: settingsOf(encoder),
    };
  });
  // What hardware does beside it, its own lines tell.
  const best = encoders.findIndex((one) => one.available && !one.hardware);
  // The row speaks of the encoder that would be used here.
  const inOrder = best > 0 ? { ...row, encoders: row.encoders.slice(best) } : row;
  return { ...videoRow(inOrder, platformsTaking(row.id)), available: encoders.some((one) => one.available), encoders };
}

/** All codecs and containers, with what this machine's ffmpeg can encode. */
export async function listCodecs(session: Session) {
  const found = await toolchainOrReason(session);
  const machine: Machine = { found, trials: typeof found === 'string' ? {} : cachedTrials(session, found) };
  return {
    video_codecs: VIDEO_CODECS.map((row) => withAvailability(row, machine)),
    audio_codecs: AUDIO_CODECS.map((row) => {
      const reason = reasonAgainst(machine, row.encoder);
      return { ...audioRow(row), available: reason === null, reason };
    }),
    containers: CONTAINERS.map(containerListing),
  };
}

/** One codec's or container's row. Throws SgError USAGE for an unknown one. */
export async function showCodec(session: Session, id: string) {
  const lower = id.toLowerCase();
  const wanted = OPTIONS.find((row) => row.name === 'codec')?.synonyms?.[lower] ?? lower;
  const { video_codecs: video, audio_codecs: audio, containers } = await listCodecs(session);
  const row =
    video.find((one) => one.codec_id === wanted) ??
    audio.find((one) => one.codec_id === wanted) ??
    containers.find((one) => one.format_id === wanted);
  if (row) return row;
  const known = [...[...video, ...audio].map((one) => one.codec_id), ...containers.map((one) => one.format_id)];
  const near = closest(id, known);
  throw new SgError('USAGE', `there is no codec '${id}'`, {
    hint: `${near ? `did you mean '${near}'? ` : ''}known: ${known.join(', ')}`,
  });
}

export type CodecListing = Awaited<ReturnType<typeof listCodecs>>;
