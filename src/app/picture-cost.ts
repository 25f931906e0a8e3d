import { decodeCost, picturePixels } from '../analysis/decode-cost.ts';
import type { LookAt } from '../analysis/look.ts';
import type { History } from '../model/history.ts';
import { valueOf } from '../model/rational.ts';
import type { Prepared } from './call.ts';

export type CostCache = Pick<History, 'getCached' | 'putCached'>;

/** What decoding of films like this one costs: their codec, their sample format, and within a factor of two their bits for a pixel. */
function decodeKey({ media, toolchain, resolved }: Prepared, pixels: number): string {
  const stream = media.video.find(({ index }) => index === resolved?.video.index);
  const rate = stream?.averageRate ?? stream?.frameRate;
  const kbps = stream?.bitrateKbps ?? media.bitrateKbps;
  const bits = rate && kbps ? Math.round(Math.log2((kbps * 1000) / (pixels * valueOf(rate)))) : null;
  const { path, version } = toolchain.ffmpeg;
  return JSON.stringify([path, version, stream?.codec, stream?.pixelFormat, resolved?.video.decoder ?? null, bits]);
}

/** Processor seconds of decoding a picture, as measured of the first film of its kind. */
export async function pictureCost(prepared: Prepared, cache: CostCache, lookOf: (prepared: Prepared) => LookAt) {
  const { resolved, media } = prepared;
  if (!resolved) return undefined;
  const pixels = picturePixels(resolved, media);
  const key = decodeKey(prepared, pixels);
  const known = cache.getCached('decode', key);
  if (typeof known === 'number' && known > 0) return known * pixels;
  const cost = await decodeCost(resolved, media, lookOf(prepared));
  if (cost && pixels > 0) cache.putCached('decode', key, cost / pixels);
  return cost;
}
