import { audioCodec } from '../codecs/audio.ts';
import { LEVELS } from '../codecs/levels.ts';
import { videoCodec } from '../codecs/video.ts';
import type { OptionValues, ResolutionSpec } from '../model/option-values.ts';
import { readOptions } from '../model/read-options.ts';
import { listPlatforms } from './catalogue.ts';
import { platformConstraints, videoCodecsTaken } from './constraints.ts';
import { type Platform, type RuleId, type RuleOf, rulesOf } from './platform.ts';
import type { ResolvedPreset } from './preset.ts';

function resolutionText(spec: ResolutionSpec | undefined): string | null {
  if (spec === undefined || spec.kind === 'source') return null;
  return spec.kind === 'name' ? spec.id : `${spec.width}x${spec.height}`;
}

/** The level's range at 1.0×; a rate that was set; nothing where the codec or CRF alone decides. */
function videoRange(values: OptionValues): { min_kbps: number; max_kbps: number } | null {
  const { bitrate, maxBitrate, quality, crf, codec } = values;
  if (bitrate !== undefined) return { min_kbps: bitrate, max_kbps: maxBitrate ?? bitrate };
  if (quality === undefined || crf !== undefined || (codec && videoCodec(codec)?.kind === 'editing')) return null;
  const level = LEVELS[quality];
  return { min_kbps: level.minKbps, max_kbps: maxBitrate ?? level.maxKbps };
}

function audioKbps(values: OptionValues): number | null {
  const { audioBitrate, audioCodec: codec, quality } = values;
  if (audioBitrate !== undefined) return audioBitrate;
  if (codec === 'copy' || codec === 'none' || (codec && audioCodec(codec)?.lossless)) return null;
  return quality === undefined ? null : LEVELS[quality].audioKbps;
}

/** A preset's row in listings and `presets show ID --json`, under the data model's names. Null: the preset does not say. */
export function presetRow(preset: ResolvedPreset) {
  const { values } = readOptions(preset.settings, { kind: 'preset', file: preset.file });
  const { quality } = values;
  return {
    preset_id: preset.preset_id,
    name: preset.name,
    description: preset.description,
    target_quality: quality ?? null,
    video_codec: values.codec ?? null,
    audio_codec: values.audioCodec ?? null,
    container: values.container ?? null,
    video_bitrate: videoRange(values),
    audio_bitrate: audioKbps(values),
    resolution_limit: resolutionText(values.resolutionLimit ?? values.resolution),
    encoding_speed: values.speed ?? (quality === undefined ? null : LEVELS[quality].speed),
    file_size_priority: values.sizePriority ?? 'balanced',
    custom_settings: Object.fromEntries((values.set ?? []).map((pair) => splitPair(pair))),
    is_system: preset.is_system,
    extends: preset.extends ?? null,
    /** What the preset and its parents say, as written. */
    settings: preset.settings,
  } as const;
}
export type PresetRow = ReturnType<typeof presetRow>;

function splitPair(pair: string): readonly [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), pair.slice(at + 1)];
}

type NumberRule = { [R in RuleId]: RuleOf<R>['value'] extends number ? R : never }[RuleId];

/** The limit that rejects; where none does, the one that the platform transcodes or advises beyond. */
function hardLimit(platform: Platform, id: NumberRule): number | null {
  const rules = rulesOf(platform, id).filter((rule) => rule.surface !== 'ads');
  const rejecting = rules.filter((rule) => rule.severity === 'reject');
  const values = (rejecting.length > 0 ? rejecting : rules).map((rule) => rule.value);
  return values.length > 0 ? Math.min(...values) : null;
}

function largestPicture(platform: Platform): string | null {
  const [long, short] = [hardLimit(platform, 'max_long_side'), hardLimit(platform, 'max_short_side')];
  if (long !== null) return short === null ? `${long}` : `${long}x${short}`;
  const [width, height] = [hardLimit(platform, 'max_width'), hardLimit(platform, 'max_height')];
  if (width !== null) return height === null ? `${width} wide` : `${width}x${height}`;
  return height === null ? null : `${height} high`;
}

/** Shapes that are advised, then the range that is taken. */
function shapes(platform: Platform): readonly string[] {
  const advised = rulesOf(platform, 'recommended_aspect').flatMap((rule) => rule.value);
  const ranges = rulesOf(platform, 'aspect_ratio')
    .filter((rule) => rule.severity === 'reject')
    .map(({ value }) => `${value.min} to ${value.max}`);
  return [...new Set([...advised, ...ranges])];
}

/** The pages that the rules come from, each with the day it was last read. */
function sources(platform: Platform): readonly { readonly url: string; readonly checked_on: string }[] {
  const read = new Map<string, string>();
  for (const { source, checked_on: date } of platform.rules) {
    if (source.startsWith('https://') && date > (read.get(source) ?? '')) read.set(source, date);
  }
  return [...read].map(([url, checked_on]) => ({ url, checked_on }));
}

/** A platform's row in listings and `platforms ID --json`, derived from its rules. Null or empty: no limit is known. */
export function platformRow(platform: Platform) {
  const constraints = platformConstraints(platform);
  const { codec, audio_codec: sound, container } = platform.recommended_settings;
  return {
    platform_id: platform.platform_id,
    name: platform.name,
    video_codec: codec ?? null,
    audio_codec: sound ?? null,
    container: container ?? null,
    supported_video_codecs: constraints.videoCodecs ?? [],
    supported_audio_codecs: constraints.audioCodecs ?? [sound],
    supported_containers: constraints.containers ?? [],
    max_resolution: largestPicture(platform),
    max_frame_rate: hardLimit(platform, 'max_frame_rate'),
    aspect_ratios: shapes(platform),
    max_file_size_mb: hardLimit(platform, 'max_file_size'),
    max_duration_seconds: hardLimit(platform, 'max_duration'),
    recommended_settings: platform.recommended_settings,
    compatibility_notes: platform.compatibility_notes,
    rules: platform.rules,
    sources: sources(platform),
  } as const;
}
export type PlatformRow = ReturnType<typeof platformRow>;

/** The platforms that take a video codec: `compatibility` in the listing of codecs. */
export function platformsTaking(videoCodecId: string): readonly string[] {
  return listPlatforms()
    .filter((platform) => videoCodecsTaken(platform)?.includes(videoCodecId))
    .map((platform) => platform.platform_id);
}
