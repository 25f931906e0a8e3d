import { RESOLUTIONS } from '../codecs/resolutions.ts';
import { videoCodec } from '../codecs/video.ts';
import type { MediaInfo } from '../model/media.ts';
import type { SizeLimit } from '../model/plan.ts';
import { valueOf } from '../model/rational.ts';
import { formatBytes } from '../model/units.ts';
import type { Forecast } from './forecast.ts';
import type { ResolvedExport } from './resolved.ts';

/** What would be better, as flags by their keys, and what is worth a warning. */
export interface Advice {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
}

/** H.264's bits for a pixel below which fewer pixels look better: YouTube's 360p and up lie at 0.06 to 0.14, Apple's lowest rungs at 0.02. */
const STARVED_BITS_PER_PIXEL = 0.02;
/** Kept free below a limit, for what an estimate does not know. */
const MARGIN = 0.97;

function tooLarge(resolved: ResolvedExport, forecast: Forecast, limits: readonly SizeLimit[]): Advice {
  const limit = limits.filter(({ refuses }) => refuses).sort((a, b) => a.bytes - b.bytes)[0];
  if (!limit || forecast.highBytes <= limit.bytes) return { settings: {}, warnings: [] };
  const { durationSec } = resolved.timeline;
  const kbps = Math.floor((limit.bytes * MARGIN) / (durationSec * 125) - forecast.audioKbps);
  const may = forecast.lowBytes > limit.bytes ? 'is' : 'may be';
  const warning = `about ${formatBytes(Math.round(forecast.bytes))} ${may} too much: ${limit.reason}`;
  return { settings: kbps > 0 ? { bitrate: `${kbps}k`, two_pass: true } : {}, warnings: [warning] };
}

/** The largest named size whose pixels this bitrate can feed. */
function starved({ video }: ResolvedExport, forecast: Forecast): Advice {
  const none = { settings: {}, warnings: [] };
  const { rate, geometry } = video;
  const factor = videoCodec(video.codec)?.bitsFactor;
  if (rate.mode === 'crf' || rate.mode === 'flavour' || factor === undefined) return none;
  const fps = video.frameRate ? valueOf(video.frameRate) : 30;
  const most = (forecast.videoKbps * 1000) / (fps * STARVED_BITS_PER_PIXEL * factor);
  if (geometry.width * geometry.height <= most) return none;
  const better = RESOLUTIONS.filter((row) => row.width > row.height && row.width * row.height <= most).at(-1);
  const kbps = Math.round(forecast.videoKbps);
  return {
    settings: better ? { resolution: better.id } : {},
    warnings: [
      `${kbps} kbps is little for ${geometry.width}x${geometry.height}: ${better ? `${better.id} would look better` : 'a smaller picture would look better'}`,
    ],
  };
}

function enlarged({ video }: ResolvedExport, media: MediaInfo): Advice {
  const stream = media.video.find((one) => one.index === video.index);
  const { scale } = video.geometry;
  if (!stream || !scale || scale.width * scale.height <= stream.width * stream.height * 1.01)
    return { settings: {}, warnings: [] };
  const what = `the picture is enlarged from ${stream.width}x${stream.height}: that costs bits and shows nothing more`;
  return { settings: { resolution: 'source' }, warnings: [what] };
}

/** What to say of an export before it is made. Pure. */
export function adviceOf(
  resolved: ResolvedExport,
  media: MediaInfo,
  forecast: Forecast,
  limits: readonly SizeLimit[],
): Advice {
  const all = [tooLarge(resolved, forecast, limits), enlarged(resolved, media), starved(resolved, forecast)];
  const { settings } = resolved;
  const base = {
    codec: settings.video_codec,
    audio_codec: settings.audio_codec,
    container: settings.container,
    ...(settings.quality ? { quality: settings.quality } : {}),
    ...(settings.speed ? { speed: settings.speed } : {}),
  };
  return {
    settings: Object.assign({}, base, ...all.map((one) => one.settings)),
    warnings: all.flatMap((one) => one.warnings),
  };
}
