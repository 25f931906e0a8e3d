import type { QualityLevel } from '../model/option-values.ts';
import type { AudioCodecRow } from './audio.ts';
import { CONTAINERS, type ContainerRow } from './containers.ts';
import { flavourNames } from './encoder-row.ts';
import { bitrateMultiplier, RESOLUTIONS, type ResolutionRow } from './resolutions.ts';
import type { VideoCodecRow } from './video.ts';

/** A video codec's row in listings, under the data model's names. What this machine can do is added by the caller. */
export function videoRow(row: VideoCodecRow, platforms: readonly string[]) {
  const first = row.encoders[0];
  if (!first) throw new Error(`${row.id} has no encoder`);
  const holders = CONTAINERS.filter((one) => one.videoCodecs.includes(row.id));
  const levels: Readonly<Record<QualityLevel, number | string>> = first.levels;
  const flavours = flavourNames(first.flavours);
  return {
    codec_id: row.id,
    name: row.name,
    encoder: first.encoder,
    container: row.container,
    containers: holders.map((one) => one.id),
    file_extension: holders.find((one) => one.id === row.container)?.extensions[0] ?? row.container,
    compatibility: platforms,
    quality_range: first.crf
      ? { min: first.crf.min, max: first.crf.max, best: first.crf.best, levels }
      : { min: flavours[0] ?? null, max: flavours.at(-1) ?? null, best: flavours.at(-1) ?? null, levels },
    default_params: {
      quality: 'medium',
      speed: first.speeds ? 'medium' : null,
      pixel_format: first.formats[0]?.name ?? null,
      gop_seconds: first.intraOnly ? null : 2,
      audio_codec: row.audioCodec,
    },
  };
}

export function audioRow(row: AudioCodecRow) {
  return {
    codec_id: row.id,
    name: row.name,
    encoder: row.encoder,
    bitrate_range: row.bitrateRange ?? null,
    sample_rates: row.sampleRates ?? [],
    channels: row.maxChannels,
  };
}

export function containerListing(row: ContainerRow) {
  return {
    format_id: row.id,
    name: row.name,
    extension: row.extensions[0] ?? row.id,
    video_codecs: row.videoCodecs,
    audio_codecs: row.audioCodecs,
    features: row.features,
  };
}

export function resolutionListing(row: ResolutionRow) {
  return {
    preset_id: row.id,
    name: row.name,
    width: row.width,
    height: row.height,
    aspect_ratio: row.aspectRatio,
    common_name: row.commonName,
    scaling_method: 'bicubic',
    bitrate_multiplier: Math.round(bitrateMultiplier(row.width, row.height) * 100) / 100,
  };
}
export const resolutionListings = () => RESOLUTIONS.map(resolutionListing);
