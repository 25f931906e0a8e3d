import { createHash } from 'node:crypto';
import { AUDIO_CODECS } from '../codecs/audio.ts';
import { CONTAINERS } from '../codecs/containers.ts';
import { audioRow, videoRow } from '../codecs/listing.ts';
import { VIDEO_CODECS } from '../codecs/video.ts';
import { listPlatforms } from '../presets/catalogue.ts';
import { platformRow, platformsTaking } from '../presets/rows.ts';
import type { CatalogueRows } from '../store/catalogue-rows.ts';

const textOf = (value: string | number | boolean | null): string | null => (value === null ? null : String(value));

/** The catalogue as the database's tables hold it, for people and programs that read them. */
export function catalogueRows(): CatalogueRows {
  const video = VIDEO_CODECS.map((row) => videoRow(row, platformsTaking(row.id)));
  const codecs = [
    ...video.map((row) => ({
      codec_id: row.codec_id,
      codec_type: 'video' as const,
      name: row.name,
      encoder: row.encoder,
      container: row.container,
      file_extension: row.file_extension,
      compatibility: row.compatibility,
      quality_range: row.quality_range,
      default_params: row.default_params,
      is_enabled: true,
    })),
    ...AUDIO_CODECS.map(audioRow).map((row) => ({
      codec_id: row.codec_id,
      codec_type: 'audio' as const,
      name: row.name,
      encoder: row.encoder,
      container: CONTAINERS.find((one) => one.audioCodecs.some((id) => id === row.codec_id))?.id ?? null,
      file_extension: null,
      compatibility: [],
      quality_range: row.bitrate_range ? { min_kbps: row.bitrate_range[0], max_kbps: row.bitrate_range[1] } : null,
      default_params: { sample_rates: row.sample_rates, channels: row.channels },
      is_enabled: true,
    })),
  ];
  const platforms = listPlatforms().map((platform) => {
    const row = platformRow(platform);
    return {
      platform_id: row.platform_id,
      name: row.name,
      video_codec: textOf(row.video_codec),
      audio_codec: textOf(row.audio_codec),
      max_resolution: row.max_resolution,
      max_file_size_mb: row.max_file_size_mb,
      max_duration_seconds: row.max_duration_seconds,
      recommended_settings: row.recommended_settings,
      compatibility_notes: row.compatibility_notes.join('\n'),
    };
  });
  const hash = createHash('sha256')
    .update(JSON.stringify([codecs, platforms]))
    .digest('hex');
  return { hash, codecs, platforms };
}
