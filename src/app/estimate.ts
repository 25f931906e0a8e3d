import { decodedPictures } from '../analysis/decode-cost.ts';
import { VIDEO_CODECS } from '../codecs/video.ts';
import type { SampleFinding } from '../model/analyses.ts';
import { errorOfIssues, type Issue, SgError } from '../model/errors.ts';
import type { MediaInfo } from '../model/media.ts';
import { nominalMedia } from '../model/nominal-media.ts';
import type { OptionValues } from '../model/option-values.ts';
import type { SizeLimit } from '../model/plan.ts';
import { megabytes } from '../model/units.ts';
import { adviceOf } from '../plan/advice.ts';
import { warningTexts } from '../plan/finding.ts';
import { arithmeticForecast, canSample, type Forecast, sampledForecast } from '../plan/forecast.ts';
import type { Lesson } from '../plan/learning.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import { verdictsToIssues } from '../presets/judge.ts';
import type { Platform } from '../presets/platform.ts';
import type { ExportCall, Prepared, Session } from './call.ts';
import { decide } from './decide.ts';
import { readLayers } from './layers.ts';
import { learned } from './learning.ts';
import { momentNow } from './moment.ts';
import { pictureCost } from './picture-cost.ts';
import { lookWith } from './ports.ts';
import { prepareExport } from './prepare.ts';
import { forecastOnce, sampled } from './sampled.ts';
import { askedLimits, sizeLimitsOf } from './size-rules.ts';
import { sourceCache } from './source-cache.ts';
import { readContent } from './source-content.ts';

/** The contract's estimate, with what the samples cost. Sizes in MB (1,000,000 bytes), times in seconds. */
export interface Estimate {
  readonly estimated_size_mb: number;
  readonly estimated_time_seconds: number | null;
  readonly low_mb: number;
  readonly high_mb: number;
  readonly method: Forecast['method'];
  readonly video_bitrate_kbps: number;
  readonly audio_bitrate_kbps: number;
  readonly recommended_settings: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
  /** Seconds of the film, and of work for the estimate. */
  readonly duration_seconds: number;
  readonly sampling_seconds: number | null;
  /** What exports of the same encoder, speed and machine came to, where there were any: factors on what was forecast. */
  readonly learned_from: {
    readonly exports: number;
    readonly size_factor: number;
    readonly time_factor: number | null;
  } | null;
}

/** An estimate asks for nothing to be written: what stands at the destination does not matter. */
const ANYWHERE = { overwrite: true, skip_existing: undefined, receipt: undefined, depfile: undefined } as const;

/** A platform's refusal is worth knowing, and no reason not to answer. */
const softened = (issue: Issue): Issue =>
  issue.code.startsWith('platform_') || issue.code === 'disk_too_small' ? { ...issue, severity: 'warning' } : issue;

interface Known {
  readonly resolved: ResolvedExport;
  readonly media: MediaInfo;
  readonly issues: readonly Issue[];
  readonly prepared: Prepared | undefined;
  readonly limits: readonly SizeLimit[];
}

async function ofSource(session: Session, call: ExportCall, signal: AbortSignal): Promise<Known> {
  const prepared = await prepareExport(session, { ...call, flags: { ...call.flags, ...ANYWHERE } }, signal);
  const issues = prepared.issues.map(softened);
  const error = errorOfIssues(issues);
  if (error || !prepared.resolved)
    throw error ?? new SgError('INTERNAL', 'a request without findings was not resolved');
  const { resolved, media, platform, values } = prepared;
  return { resolved, media, issues, prepared, limits: limitsOf(platform, values) };
}

const NOTHING_TO_COPY: Issue = {
  severity: 'error',
  code: 'nothing_to_copy',
  message: '--codec copy without a source: there is nothing to copy',
  path: '--codec',
  hint: 'give the source, or a codec',
  exit: 'RULES',
};

/** An estimate without a source: of `--duration` seconds of 1080p at 25 frames a second with stereo. */
function ofNothing(session: Session, flags: Readonly<Record<string, unknown>>): Known {
  const { duration: _length, ...rest } = flags;
  const whole = readLayers(session, flags);
  const layers = readLayers(session, rest);
  const lengthSec = whole.flags.duration?.sec ?? 0;
  const media = nominalMedia(lengthSec);
  const copies = layers.flags.codec === 'copy' ? [NOTHING_TO_COPY] : [];
  const unread = errorOfIssues([...whole.issues, ...copies]);
  if (unread) throw unread;
  const { resolved, issues, verdicts, layered } = decide({
    media,
    layers,
    destination: { kind: 'folder', path: '/' },
    encoders: VIDEO_CODECS.flatMap((codec) => codec.encoders.map(({ encoder }) => encoder)),
    analyses: {},
    threads: undefined,
    now: momentNow(),
  });
  const all = [...layers.issues, ...issues, ...verdictsToIssues(verdicts)].map(softened);
  const error = errorOfIssues(all);
  if (error || !resolved) throw error ?? new SgError('INTERNAL', 'a request without findings was not resolved');
  return { resolved, media, issues: all, prepared: undefined, limits: limitsOf(layers.platform, layered.values) };
}

/** What must not be exceeded: the platform's limits, and what was asked for. */
const limitsOf = (platform: Platform | undefined, values: OptionValues): readonly SizeLimit[] => [
  ...sizeLimitsOf(platform, values.allow ?? []),
  ...askedLimits(values),
];

/** Where less than this part of what is decoded was for the samples alone, it moves their time by less than other things do. */
const IN_VAIN_TELLS = 0.3;

/** Processor seconds that decoding took for the samples alone; 0 where that is little. */
async function decodingInVain({ history }: Session, known: Prepared, finding: SampleFinding, signal: AbortSignal) {
  const { resolved, media, toolchain } = known;
  const inVainSec = finding.source?.inVainSec ?? 0;
  const usedSec = finding.parts.reduce((sum, { durationSec }) => sum + durationSec, 0);
  if (!resolved || inVainSec < IN_VAIN_TELLS * (usedSec + inVainSec)) return 0;
  const cost = await pictureCost(known, history, () => lookWith(toolchain, signal));
  const pictures = (inVainSec / resolved.timeline.durationSec) * decodedPictures(resolved, media);
  return (cost ?? 0) * pictures * (resolved.video.twoPass ? 2 : 1);
}

/** A forecast of samples, and seconds of work for them: none where it was made before. */
async function measured(session: Session, known: Known, prepared: Prepared, signal: AbortSignal) {
  const { resolved, media } = known;
  const { history } = session;
  const { toolchain, values } = prepared;
  const cache = sourceCache(history, prepared, toolchain, values.cache === false);
  let spentSec = 0;
  const { value: forecast } = await forecastOnce(resolved, cache, async () => {
    const finding = await sampled(resolved, { media, toolchain, cache, signal });
    spentSec = finding.spentSec;
    return sampledForecast(resolved, media, finding, await decodingInVain(session, prepared, finding, signal));
  });
  // An export would have read it all.
  if (spentSec > 0) await readContent(history, prepared, signal);
  return { forecast, spentSec };
}

const tenth = (value: number): number => Math.round(value * 10) / 10;

const thousandth = (value: number): number => Math.round(value * 1000) / 1000;

function taught({ exports, size, time }: Lesson, timed: boolean): Estimate['learned_from'] {
  return {
    exports,
    size_factor: thousandth(size),
    time_factor: timed && time !== undefined ? thousandth(time) : null,
  };
}

/**
 * What an export would come to: arithmetic, or with `sample` short encodes of the real source. Throws SgError as the
 * export would for a request that cannot be made; a platform's refusals are warnings here.
 */
export async function estimateExport(
  session: Session,
  call: {
    readonly input: string | undefined;
    readonly flags: Readonly<Record<string, unknown>>;
    readonly sample: boolean;
  },
  signal: AbortSignal,
): Promise<Estimate> {
  const { input, flags } = call;
  const known = input === undefined ? ofNothing(session, flags) : await ofSource(session, { input, flags }, signal);
  const { resolved, media, prepared } = known;
  const sampled =
    call.sample && prepared && canSample(resolved) ? await measured(session, known, prepared, signal) : undefined;
  const { forecast, lesson } = learned(session, resolved, sampled?.forecast ?? arithmeticForecast(resolved, media));
  const advice = adviceOf(resolved, media, forecast, known.limits);
  return {
    estimated_size_mb: megabytes(forecast.bytes),
    estimated_time_seconds: forecast.workSec === undefined ? null : tenth(forecast.workSec),
    low_mb: megabytes(forecast.lowBytes),
    high_mb: megabytes(forecast.highBytes),
    method: forecast.method,
    video_bitrate_kbps: Math.round(forecast.videoKbps),
    audio_bitrate_kbps: Math.round(forecast.audioKbps),
    recommended_settings: advice.settings,
    warnings: [...warningTexts(known.issues), ...advice.warnings],
    duration_seconds: Math.round(resolved.timeline.durationSec * 1000) / 1000,
    sampling_seconds: sampled ? tenth(sampled.spentSec) : null,
    learned_from: lesson ? taught(lesson, sampled !== undefined) : null,
  };
}
