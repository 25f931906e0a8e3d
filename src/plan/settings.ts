import type { Analyses } from '../model/analyses.ts';
import type { OptionValues, QualityLevel } from '../model/option-values.ts';
import type { Settings, SettingsFrom } from '../model/settings.ts';
import { goalOf } from '../presets/goals.ts';
import type { Layered } from '../presets/layers.ts';
import type { Geometry, Limits, ResolvedAudio, ResolvedVideo } from './resolved.ts';
import type { Target } from './target.ts';
import { rateText } from './tracks.ts';

/** What the decisions were made of. */
interface SettingsContext {
  readonly layered: Layered;
  readonly limits: Limits;
  readonly analyses: Analyses;
}

/** What is cut from the upright picture, as `--crop` would say it. */
function cropText({ crop }: Geometry): string | null {
  return crop ? `${crop.width}:${crop.height}:${crop.x}:${crop.y}` : null;
}

function rateSettings(
  video: ResolvedVideo,
): Pick<Settings, 'mode' | 'crf' | 'video_bitrate_kbps' | 'max_bitrate_kbps'> {
  const { rate } = video;
  if (rate.mode === 'flavour')
    return { mode: rate.flavour, crf: null, video_bitrate_kbps: null, max_bitrate_kbps: null };
  return {
    mode: rate.mode,
    crf: rate.mode === 'crf' ? rate.crf : null,
    video_bitrate_kbps: rate.mode === 'crf' ? null : rate.kbps,
    max_bitrate_kbps: 'vbv' in rate ? (rate.vbv?.maxKbps ?? null) : null,
  };
}

/** What was decided, under the contract's names. */
export function settingsFor(
  input: SettingsContext,
  target: Target,
  video: ResolvedVideo,
  audio: readonly ResolvedAudio[],
  quality: QualityLevel,
): Settings {
  const { values } = input.layered;
  const { colour } = video;
  return {
    video_codec: video.codec,
    encoder: video.encoder,
    audio_codec: audio[0]?.codec ?? 'none',
    container: target.container.id,
    width: video.geometry.width,
    height: video.geometry.height,
    frame_rate: video.codec === 'copy' ? 'copy' : rateText(video.frameRate),
    pixel_format: video.pixelFormat,
    ...rateSettings(video),
    audio_bitrate_kbps: audio[0]?.kbps ?? null,
    quality: video.codec === 'copy' ? null : quality,
    speed: video.codec === 'copy' || target.row?.kind === 'editing' ? null : video.speed,
    two_pass: video.twoPass,
    hardware: video.hardware?.kind ?? null,
    preset: values.preset ?? null,
    platform: values.platform ?? null,
    audio_tracks: audio.length,
    audio_channels: audio[0]?.channels ?? null,
    audio_sample_rate: audio[0]?.sampleRate ?? null,
    colour: { ...colour.to, conversion: colour.kind },
    loudness_lufs: values.loudness ?? null,
    loudness_mode: input.analyses.loudness?.map(({ mode }) => mode).join(', ') ?? null,
    deinterlaced: video.deinterlace !== 'off',
    crop: cropText(video.geometry),
    gop_seconds: video.gop.sec || null,
  };
}

/** Where each decision came from: the layer of the flag that made it, the source where it was read off, else the default. */
export function settingsFrom(input: SettingsContext, target: Target, video: ResolvedVideo): SettingsFrom {
  const { from, values } = input.layered;
  const of = (key: string) => from[key] ?? 'default';
  const bySource = (key: keyof OptionValues) => (values[key] === undefined ? 'source' : of(key));
  return {
    ...target.from,
    encoder: target.from.video_codec,
    width: bySource('resolution'),
    height: bySource('resolution'),
    frame_rate: bySource('fps'),
    pixel_format: video.custom.pixel_format ? 'flag' : 'default',
    mode: from.mode ?? from.bitrate ?? from.crf ?? 'default',
    crf: from.crf ?? of('quality'),
    video_bitrate_kbps: from.bitrate ?? of('quality'),
    max_bitrate_kbps: from.maxBitrate ?? of('quality'),
    audio_bitrate_kbps: from.audioBitrate ?? of('quality'),
    quality: of('quality'),
    speed: from.speed ?? of('quality'),
    two_pass: of('twoPass'),
    hardware: of('hw'),
    preset: of('preset'),
    platform: of('platform'),
    audio_tracks: values.audioCodec === 'none' ? of('audioCodec') : bySource('audioTrack'),
    audio_channels: bySource('channels'),
    audio_sample_rate: bySource('sampleRate'),
    colour: 'source',
    deinterlaced: bySource('deinterlace'),
    crop: of('crop'),
    loudness_lufs: of('loudness'),
    loudness_mode: of('loudness'),
    gop_seconds:
      input.limits.gopSec !== undefined
        ? 'platform'
        : goalOf(values)?.gopSec === undefined
          ? 'default'
          : 'optimize_for',
    ...(values.optimizeFor ? { optimize_for: of('optimizeFor') } : {}),
  };
}
