import { cpus } from 'node:os';
import { encodeSamples } from '../analysis/samples.ts';
import { encoderRow } from '../codecs/video.ts';
import type { SampleFinding } from '../model/analyses.ts';
import { isMapping } from '../model/mapping.ts';
import type { MediaInfo } from '../model/media.ts';
import type { Toolchain } from '../model/toolchain.ts';
import type { Forecast } from '../plan/forecast.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import { requestHash } from './request-hash.ts';
import { withSampleBench } from './sample-bench.ts';
import { isNumber, type SourceCache } from './source-cache.ts';

/** What samples are encoded of, and with. */
export interface Sampling {
  readonly media: MediaInfo;
  readonly toolchain: Toolchain;
  readonly cache: SourceCache;
  readonly signal: AbortSignal;
}

/** What decides how long an encode takes here: samples and exports of another machine say nothing of this one. */
export function machineLabel(): string {
  const all = cpus();
  return `${all[0]?.model.trim() ?? 'unknown'} x${all.length}`;
}

/** All that the samples of a request depend on, beside the source and the ffmpeg. */
function dependsOf(resolved: ResolvedExport): readonly unknown[] {
  const { encoder, threads } = resolved.video;
  return [requestHash(resolved), encoder, threads ?? null, machineLabel()];
}

/** Numbers of 0 or more under all these names. */
const hasAmounts = (value: Readonly<Record<string, unknown>>, names: readonly string[]): boolean =>
  names.every((name) => isNumber(value[name]) && Number(value[name]) >= 0);

const PART: readonly (keyof SampleFinding['parts'][number])[] = ['fromSec', 'durationSec', 'frames', 'bytes'];
const SOUND: readonly (keyof NonNullable<SampleFinding['sound']>)[] = ['bytes', 'packets', 'sec', 'spentSec'];
const SAMPLED: readonly (keyof SampleFinding)[] = ['headerBytes', 'startSec', 'secPerFrame', 'spentSec'];

/** What was kept may have been damaged since: half a finding would be a size of NaN. */
export function isFinding(value: unknown): value is SampleFinding {
  if (!isMapping(value) || !hasAmounts(value, SAMPLED) || typeof value.whole !== 'boolean') return false;
  const { parts, sound, processorSec } = value;
  if (processorSec !== undefined && !isNumber(processorSec)) return false;
  if (sound !== undefined && !(isMapping(sound) && hasAmounts(sound, SOUND))) return false;
  const isPart = (part: unknown): boolean => isMapping(part) && hasAmounts(part, PART);
  return Array.isArray(parts) && parts.length > 0 && parts.every(isPart);
}

/** Samples of the film, encoded with the export's own settings, or what such samples came to before. Throws SgError ENCODE. */
export async function sampled(resolved: ResolvedExport, sampling: Sampling): Promise<SampleFinding> {
  const { media, toolchain, cache, signal } = sampling;
  const env = encoderRow(resolved.video.encoder)?.env ?? {};
  const { value, known } = await cache.remember('samples', dependsOf(resolved), isFinding, async () => ({
    value: await withSampleBench({ toolchain, sessions: resolved.video.hardware?.sessions, signal }, (bench) =>
      encodeSamples(resolved, media, env, bench),
    ),
  }));
  return known ? { ...value, spentSec: 0 } : value;
}

const FORECAST: readonly (keyof Forecast)[] = ['bytes', 'lowBytes', 'highBytes', 'videoKbps', 'audioKbps'];

export function isForecast(value: unknown): value is Forecast {
  if (!isMapping(value) || !hasAmounts(value, FORECAST)) return false;
  const { method, workSec } = value;
  return (method === 'samples' || method === 'whole') && (workSec === undefined || isNumber(workSec));
}

/** The forecast that was made of samples of this request, once for a source; `known`: before. */
export const forecastOnce = (resolved: ResolvedExport, cache: SourceCache, make: () => Promise<Forecast>) =>
  cache.remember('forecast', dependsOf(resolved), isForecast, async () => ({ value: await make() }));

export const forecastBefore = (resolved: ResolvedExport, cache: SourceCache): Promise<Forecast | undefined> =>
  cache.recall('forecast', dependsOf(resolved), isForecast);

/** What samples of this very request came to before; nothing is encoded. */
export const sampledBefore = (resolved: ResolvedExport, cache: SourceCache): Promise<SampleFinding | undefined> =>
  cache.recall('samples', dependsOf(resolved), isFinding);
