import type { SampleFinding } from '../model/analyses.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import type { Prepared } from './call.ts';
import { encodeParts } from './sampled.ts';

/** No film is trusted to need less or more than this part of the published rates. */
const LEAST = 0.4;
const MOST = 1.6;

/** Average kbps of what was encoded. */
function kbpsOf({ parts }: SampleFinding): number {
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const sec = parts.reduce((sum, part) => sum + part.durationSec, 0);
  return sec > 0 ? (bytes * 8) / 1000 / sec : 0;
}

/** The same without a maximum: what its quality takes of itself. */
function unbounded(resolved: ResolvedExport): ResolvedExport {
  const { rate } = resolved.video;
  if (rate.mode !== 'crf') return resolved;
  return { ...resolved, audio: [], subtitles: [], video: { ...resolved.video, rate: { mode: 'crf', crf: rate.crf } } };
}

/**
 * What a film needs beside the published rate of its size, by samples at constant quality: 1 = as much. Throws SgError
 * ENCODE where samples cannot be encoded.
 */
export async function measureNeed(
  { resolved, media, toolchain }: Prepared,
  publishedKbps: number,
  signal: AbortSignal,
): Promise<number> {
  if (resolved?.video.rate.mode !== 'crf') return 1;
  const kbps = kbpsOf(await encodeParts(unbounded(resolved), { media, toolchain, signal }));
  return kbps > 0 ? Math.min(MOST, Math.max(LEAST, kbps / publishedKbps)) : 1;
}
