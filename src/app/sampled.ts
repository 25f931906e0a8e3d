import { cpus } from 'node:os';
import { encodeSamples } from '../analysis/samples.ts';
import { encoderRow } from '../codecs/video.ts';
import { readPacketSizes } from '../ffmpeg/packet-sizes.ts';
import type { SampledSource, SampleFinding } from '../model/analyses.ts';
import { isMapping } from '../model/mapping.ts';
import type { MediaInfo } from '../model/media.ts';
import type { Toolchain } from '../model/toolchain.ts';
import type { Forecast } from '../plan/forecast.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import { isOwnSample, type Part, sampleParts } from '../plan/sample-parts.ts';
import { sourceOfParts } from '../plan/sample-source.ts';
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

const areNumbers = (value: unknown): boolean => Array.isArray(value) && value.every(isNumber);

const PART: readonly (keyof SampleFinding['parts'][number])[] = ['fromSec', 'durationSec', 'frames', 'bytes'];
const SOUND: readonly (keyof NonNullable<SampleFinding['sound']>)[] = ['bytes', 'packets', 'sec', 'spentSec'];
const SOURCE: readonly (keyof SampledSource)[] = ['film', 'inVainSec'];
const SAMPLED: readonly (keyof SampleFinding)[] = ['headerBytes', 'startSec', 'secPerFrame', 'spentSec'];

/** What was kept may have been damaged since: half a finding would be a size of NaN. */
export function isFinding(value: unknown): value is SampleFinding {
  if (!isMapping(value) || !hasAmounts(value, SAMPLED) || typeof value.whole !== 'boolean') return false;
  const { parts, source, sound, processorSec } = value;
  if (processorSec !== undefined && !isNumber(processorSec)) return false;
  if (sound !== undefined && !(isMapping(sound) && hasAmounts(sound, SOUND))) return false;
  if (!value.whole && !(isMapping(source) && hasAmounts(source, SOURCE) && areNumbers(source.parts))) return false;
  const isPart = (part: unknown): boolean => isMapping(part) && hasAmounts(part, PART);
  return Array.isArray(parts) && parts.length > 0 && parts.every(isPart);
}

/** What was sampled of the source, and where. */
interface SamplePlaces {
  readonly parts: readonly Part[];
  /** Undefined for a film that is its own sample. */
  readonly source: SampledSource | undefined;
}

/** Says which parts stand for the film; of a longer one the source's packets tell. Throws SgError INPUT where they cannot be read. */
export async function samplePlaces(
  resolved: ResolvedExport,
  { media, toolchain, signal }: Omit<Sampling, 'cache'>,
): Promise<SamplePlaces> {
  if (isOwnSample(resolved)) return { parts: sampleParts(resolved, []), source: undefined };
  const packets = await readPacketSizes(toolchain.ffprobe.path, media.path, `${resolved.video.index}`, signal);
  const parts = sampleParts(resolved, packets);
  return { parts, source: sourceOfParts(packets, parts, resolved.timeline) };
}

/** Encodes the film's samples now. Throws SgError ENCODE where that fails. */
export async function encodeParts(resolved: ResolvedExport, sampling: Omit<Sampling, 'cache'>): Promise<SampleFinding> {
  const { media, toolchain, signal } = sampling;
  const startedMs = performance.now();
  const { parts, source } = await samplePlaces(resolved, sampling);
  const lookedSec = (performance.now() - startedMs) / 1000;
  const env = encoderRow(resolved.video.encoder)?.env ?? {};
  const sessions = resolved.video.hardware?.sessions;
  const found = await withSampleBench({ toolchain, sessions, signal }, (bench) =>
    encodeSamples(resolved, media, parts, env, bench),
  );
  return { ...found, ...(source ? { source } : {}), spentSec: found.spentSec + lookedSec };
}

/** Samples of the film, encoded with the export's own settings, or what such samples came to before. Throws SgError ENCODE. */
export async function sampled(resolved: ResolvedExport, sampling: Sampling): Promise<SampleFinding> {
  const { cache } = sampling;
  const { value, known } = await cache.remember('samples', dependsOf(resolved), isFinding, async () => ({
    value: await encodeParts(resolved, sampling),
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
