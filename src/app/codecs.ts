import { AUDIO_CODECS } from '../codecs/audio.ts';
import { CONTAINERS } from '../codecs/containers.ts';
import { audioRow, containerListing, videoRow } from '../codecs/listing.ts';
import { VIDEO_CODECS, type VideoCodecRow } from '../codecs/video.ts';
import { SgError } from '../model/errors.ts';
import { closest } from '../model/suggest.ts';
import type { Toolchain } from '../model/toolchain.ts';
import { settingsOf } from '../plan/custom.ts';
import { platformsTaking } from '../presets/rows.ts';
import type { Session } from './call.ts';
import { findToolchain } from './toolchain.ts';

async function toolchainOrReason(session: Session): Promise<Toolchain | string> {
  return findToolchain(session).catch((error: unknown) => {
    if (error instanceof SgError && error.code === 'TOOLCHAIN') return error.message;
    throw error;
  });
}

function withAvailability(row: VideoCodecRow, found: Toolchain | string) {
  const encoders = row.encoders.map((encoder) => {
    const listed = typeof found !== 'string' && found.encoders.includes(encoder.encoder);
    return {
      encoder: encoder.encoder,
      hardware: encoder.hardware,
      available: listed,
      reason: listed ? null : typeof found === 'string' ? found : 'not in this ffmpeg',
      modes: encoder.modes,
      two_pass: encoder.twoPass !== null,
      speeds: encoder.speeds,
      pixel_formats: encoder.formats.map((format) => format.name),
      flavours: Object.keys(encoder.flavours ?? {}),
      settings: settingsOf(encoder),
    };
  });
  return { ...videoRow(row, platformsTaking(row.id)), available: encoders.some((one) => one.available), encoders };
}

/** All codecs and containers, with what this machine's ffmpeg can encode. */
export async function listCodecs(session: Session) {
  const found = await toolchainOrReason(session);
  return {
    video_codecs: VIDEO_CODECS.map((row) => withAvailability(row, found)),
    audio_codecs: AUDIO_CODECS.map((row) => ({
      ...audioRow(row),
      available: typeof found !== 'string' && found.encoders.includes(row.encoder),
    })),
    containers: CONTAINERS.map(containerListing),
  };
}

/** One codec's row. Throws SgError USAGE for an unknown one. */
export async function showCodec(session: Session, id: string) {
  const wanted = { hevc: 'h265', dnxhd: 'dnxhr' }[id.toLowerCase()] ?? id.toLowerCase();
  const { video_codecs: video, audio_codecs: audio } = await listCodecs(session);
  const row = video.find((one) => one.codec_id === wanted) ?? audio.find((one) => one.codec_id === wanted);
  if (row) return row;
  const known = [...video, ...audio].map((one) => one.codec_id);
  const near = closest(id, known);
  throw new SgError('USAGE', `there is no codec '${id}'`, {
    hint: `${near ? `did you mean '${near}'? ` : ''}known: ${known.join(', ')}`,
  });
}
