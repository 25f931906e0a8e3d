import { posix, win32 } from 'node:path';
import { containerOfExtension } from '../codecs/containers.ts';
import { resolutionRow } from '../codecs/resolutions.ts';
import type { Analyses } from '../model/analyses.ts';
import type { Issue } from '../model/errors.ts';
import type { HardwareOffer } from '../model/hardware.ts';
import type { MediaInfo, SubtitleFile, VideoStream } from '../model/media.ts';
import type { ContainerId, OptionValues, QualityLevel } from '../model/option-values.ts';
import { OPTIONS, propertyOf } from '../model/options.ts';
import { formatRational, type Rational } from '../model/rational.ts';
import { type SizeCapRow, sizeCap, sizeCapRow } from '../model/size-caps.ts';
import { formatBytes } from '../model/units.ts';
import { goalOf } from '../presets/goals.ts';
import type { Layered } from '../presets/layers.ts';
import { copyTimeIssues } from './copy-times.ts';
import { wrong } from './finding.ts';
import { turnedSize, turnOf } from './geometry.ts';
import { DEFAULT_NAME, type Moment, nameOutput } from './naming.ts';
import { resolveVideo } from './resolve-video.ts';
import type { Limits, ResolvedExport, ResolvedVideo, Timeline } from './resolved.ts';
import { settingsFor, settingsFrom } from './settings.ts';
import { aimAtSize, sizeFlag, withPeaksHeld } from './size-budget.ts';
import { chooseTracks, planSound, type SoundLimits } from './sound.ts';
import { planSubtitles } from './subtitles.ts';
import { chooseTarget, type Target } from './target.ts';
import { planThumbnails } from './thumbnails.ts';
import { naturalRate, planTimeline } from './timeline.ts';
import { planExtras } from './tracks.ts';

/** Where the output goes: a file as typed, or a folder in which it gets its name. Absolute paths. */
export type Destination =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string };

export interface ResolveInput {
  readonly media: MediaInfo;
  readonly layered: Layered;
  readonly destination: Destination;
  /** What the platform asks for beyond flags; empty without one. */
  readonly limits: Limits;
  /** Encoders that this ffmpeg lists. */
  readonly encoders: readonly string[];
  readonly analyses: Analyses;
  /** What `--subtitles FILE` named. */
  readonly subtitleFile?: SubtitleFile | undefined;
  readonly threads: number | undefined;
  /** The hardware encoder to take; software where left out. */
  readonly hardware?: HardwareOffer | undefined;
  readonly now: Moment;
}

export interface Resolution {
  /** Undefined only where there is no picture to deliver. */
  readonly resolved: ResolvedExport | undefined;
  readonly issues: readonly Issue[];
}

/** The film: the first picture stream that is no cover, preferring the default one. */
export function mainVideo(media: MediaInfo): VideoStream | undefined {
  const films = media.video.filter((stream) => !stream.attachedPicture);
  return films.find((stream) => stream.disposition.default) ?? films[0];
}

const basename = (path: string): string => (path.includes('\\') && !path.includes('/') ? win32 : posix).basename(path);
export const extensionOf = (path: string): string | undefined => {
  const match = /\.([^./\\]+)$/.exec(basename(path));
  return match?.[1] && !basename(path).startsWith(`.${match[1]}`) ? match[1] : undefined;
};

function resolutionLabel(values: OptionValues, width: number, height: number): string {
  const spec = values.resolution;
  if (spec?.kind === 'name') return resolutionRow(spec.id)?.id ?? spec.id;
  return spec?.kind === 'exact' ? `${spec.width}x${spec.height}` : `${Math.min(width, height)}p`;
}

function qualityLabel(values: OptionValues, video: ResolvedVideo, quality: QualityLevel): string {
  if (video.codec === 'copy') return 'copy';
  if (values.targetSize !== undefined) return formatBytes(values.targetSize).replaceAll(' ', '');
  if (values.crf !== undefined && video.rate.mode === 'crf') return `crf${values.crf}`;
  if (values.bitrate !== undefined && video.rate.mode !== 'crf') return `${values.bitrate}k`;
  return quality;
}

function destinationPath(
  input: ResolveInput,
  target: Target,
  video: ResolvedVideo,
  quality: QualityLevel,
  issues: Issue[],
): string {
  const { destination, media, layered } = input;
  if (destination.kind === 'file') return destination.path;
  const { values } = layered;
  const named = nameOutput(values.name ?? DEFAULT_NAME, {
    name: basename(media.path).replace(/\.[^.]+$/, '') || basename(media.path),
    resolution: resolutionLabel(values, video.geometry.width, video.geometry.height),
    codec: video.codec,
    quality: qualityLabel(values, video, quality),
    preset: values.preset ?? 'none',
    platform: values.platform ?? 'none',
    width: String(video.geometry.width),
    height: String(video.geometry.height),
    fps: video.frameRate ? formatRational(video.frameRate).replace('/', '-') : 'source',
    now: input.now,
  });
  issues.push(...named.issues);
  return `${destination.path.replace(/[\\/]$/, '')}/${named.name}.${target.container.extensions[0]}`;
}

function requestIssues(values: OptionValues, layered: Layered, container: ContainerId): readonly Issue[] {
  const issues: Issue[] = [];
  if (values.skipExisting && values.name?.includes('{timestamp}')) {
    issues.push(
      wrong(
        'timestamp_never_exists',
        '--name',
        '--skip-existing does not go with {timestamp} in --name: no such file ever exists',
        '{date}, or no --skip-existing',
        'USAGE',
      ),
    );
  }
  if (values.minSsim !== undefined && values.verify !== 'full') {
    issues.push(
      wrong('min_ssim_needs_full', '--min-ssim', '--min-ssim is measured by --verify full only', 'add --verify full'),
    );
  }
  if (layered.from.fragmented === 'flag' && values.fragmented && container !== 'mp4' && container !== 'mov') {
    const what = `--fragmented is a kind of MP4: ${container} is written as it goes anyway`;
    issues.push(wrong('fragmented_container', '--fragmented', what, 'leave it out, or write .mp4'));
  }
  // A platform that takes only so much is a maximum too.
  if (layered.from.sizePriority === 'flag' && values.maxSize === undefined && values.platform === undefined) {
    const what = '--size-priority says how far --max-size may go, and there is none';
    issues.push(wrong('size_priority_alone', '--size-priority', what, 'add --max-size SIZE'));
  }
  if (values.minSsim !== undefined && values.minSsim > 1)
    issues.push(wrong('min_ssim_range', '--min-ssim', `--min-ssim ${values.minSsim} is out of range`, '0 to 1'));
  if (values.overwrite && values.skipExisting && layered.from.overwrite === layered.from.skipExisting) {
    issues.push(
      wrong(
        'overwrite_and_skip',
        '--overwrite',
        '--overwrite and --skip-existing contradict each other',
        'give one of them',
        'USAGE',
      ),
    );
  }
  return issues;
}

/** What a size was called, for the result: the name says more than its bytes. */
function sizeCapSetting({ sizeCap: id }: OptionValues): { readonly size_cap?: Omit<SizeCapRow, 'conflicts'> } {
  const cap = id === undefined ? undefined : sizeCap(id);
  if (!cap) return {};
  const { conflicts: _, ...row } = sizeCapRow(cap);
  return { size_cap: row };
}

/** Options that ask for another picture, other sound or another part than the source's. */
const SHAPING_GROUPS: readonly string[] = ['Picture', 'Sound and tracks', 'Part of the source'];

/** A copy of the source can stand in for the output only where it would be that output. */
function keptSourceIssues(input: ResolveInput, target: Target): readonly Issue[] {
  const { values } = input.layered;
  if (values.ifLarger !== 'keep-source') return [];
  const flag = '--if-larger';
  const [asked] = OPTIONS.filter(({ name, group }) => SHAPING_GROUPS.includes(group) || name === 'platform')
    .filter(({ name }) => input.layered.from[propertyOf(name)] !== undefined)
    .map(({ name }) => name);
  if (asked !== undefined) {
    const what = `${flag} keep-source does not go with --${asked}: a copy of the source is not what that asks for`;
    return [wrong('keep_source_asked_otherwise', flag, what, '--if-larger fail')];
  }
  const own = containerOfExtension(extensionOf(input.media.path) ?? '');
  if (own?.id === target.container.id) return [];
  const what = `${flag} keep-source: the source is no ${target.container.name}, so a copy of it cannot stand in`;
  return [wrong('keep_source_container', flag, what, "an output in the source's own container, or --if-larger fail")];
}

function soundLimits(limits: Limits, { values, from }: Layered): SoundLimits {
  const ratesAsked = from.audioBitrate !== undefined && from.audioBitrate !== 'platform';
  return {
    channels: limits.channels,
    sampleRates: limits.sampleRates,
    maxSampleRate: limits.maxSampleRate,
    maxKbps: limits.maxAudioKbps,
    rates: ratesAsked ? undefined : limits.audioRates,
    singleTrack: values.platform !== undefined,
    required: limits.audioRequired,
  };
}

/** A copied picture brings its sound along as it is, where the container holds it: people who copy mean to rewrap. */
function rewrapped(target: Target, values: OptionValues, media: MediaInfo): Target {
  if (target.codec !== 'copy' || values.audioCodec !== undefined) return target;
  const held = media.audio.every((track) => target.container.copyAudio.includes(track.codec));
  return held ? { ...target, audioCodec: 'copy' } : target;
}

/** The picture's rate as a target size and the goal of the request set it. */
function aimedVideo(values: OptionValues, media: MediaInfo, parts: Parameters<typeof aimAtSize>[0]) {
  const { targetSize } = values;
  const aimed =
    targetSize !== undefined && parts.video.rate.mode !== 'flavour'
      ? aimAtSize(parts, media, targetSize, sizeFlag(values))
      : { video: parts.video, issues: [] };
  return goalOf(values)?.holdsPeaks ? { ...aimed, video: withPeaksHeld(aimed.video) } : aimed;
}

/** Compiles a request and what is true of its source into every decision, with all findings at once. Pure. */
export function resolveExport(input: ResolveInput): Resolution {
  const { media, layered, limits } = input;
  const { values, from } = layered;
  const stream = mainVideo(media);
  if (!stream) {
    return {
      resolved: undefined,
      issues: [
        wrong(
          'no_video',
          'input',
          `${media.path} has no picture`,
          'sg-export delivers films: give a source with a video stream',
          'INPUT',
        ),
      ],
    };
  }
  const quality = values.quality ?? 'medium';
  const extension = input.destination.kind === 'file' ? (extensionOf(input.destination.path) ?? '') : undefined;
  const { target: chosen, issues: targetIssues } = chooseTarget(values, from, extension);
  const target = rewrapped(chosen, values, media);
  const issues: Issue[] = [
    ...requestIssues(values, layered, target.container.id),
    ...targetIssues,
    ...keptSourceIssues(input, target),
  ];
  const limitsOfSound = soundLimits(limits, layered);
  const tracks = chooseTracks(media.audio, values.audioTrack, limitsOfSound.singleTrack === true).chosen;
  const planned: { readonly timeline: Timeline; readonly issues: readonly Issue[] } = planTimeline(
    media,
    stream,
    target.audioCodec === 'none' ? [] : tracks,
    values,
    target.codec === 'copy' || (target.audioCodec === 'copy' && tracks.length > 0),
  );
  issues.push(...planned.issues);
  const decided = resolveVideo({
    media,
    stream,
    target,
    layered,
    timeline: planned.timeline,
    limits,
    encoders: input.encoders,
    quality,
    analyses: input.analyses,
    threads: input.threads,
    hardware: input.hardware,
  });
  issues.push(...decided.issues);
  const sound = planSound(media.audio, {
    container: target.container,
    codec: target.audioCodec,
    options: values,
    quality,
    limits: limitsOfSound,
    startSec: planned.timeline.startSec,
    loudness: input.analyses.loudness,
  });
  const text = planSubtitles(media, {
    container: target.container,
    options: values,
    copiesPicture: target.codec === 'copy',
    keepsHdr: decided.video?.colour.hdr !== undefined,
    film: {
      stored: stream,
      upright: turnedSize(stream, turnOf(stream, values)),
      pixelFormat: decided.video?.pixelFormat ?? '',
    },
    file: input.subtitleFile,
  });
  const rate: Rational = decided.video?.frameRate ?? naturalRate(stream, media);
  const extras = planExtras(media, {
    container: target.container,
    options: values,
    timeline: planned.timeline,
    rate,
    dropsLocation: limits.dropLocation === true,
  });
  const copies = { picture: target.codec === 'copy', sound: target.audioCodec === 'copy' };
  if (limits.noEditList) issues.push(...copyTimeIssues(media, tracks, planned.timeline, copies));
  issues.push(...sound.issues, ...text.issues, ...extras.issues);
  if (!decided.video) return { resolved: undefined, issues };
  const { targetSize } = values;
  const sized = aimedVideo(values, media, {
    video: decided.video,
    audio: sound.audio,
    timeline: planned.timeline,
    container: target.container.id,
  });
  const { video } = sized;
  issues.push(...sized.issues);
  const destination = destinationPath(input, target, video, quality, issues);
  const pictures = planThumbnails(values, video);
  issues.push(...pictures.issues);
  return {
    resolved: {
      source: media.path,
      destination,
      container: target.container.id,
      fragmented: values.fragmented === true,
      noEditList: limits.noEditList === true,
      ...(goalOf(values)?.indexFirst ? { indexFirst: true } : {}),
      timeline: planned.timeline,
      video,
      ...(targetSize === undefined ? {} : { targetBytes: targetSize }),
      audio: sound.audio,
      subtitles: text.subtitles,
      burn: text.burn,
      subtitleFile: input.subtitleFile,
      extras: extras.extras,
      ...(pictures.wish ? { thumbnails: pictures.wish } : {}),
      settings: {
        ...settingsFor(input, target, video, sound.audio, quality),
        ...(text.said ? { subtitles: text.said } : {}),
        ...sizeCapSetting(values),
        ...(values.optimizeFor ? { optimize_for: values.optimizeFor } : {}),
      },
      settingsFrom: {
        ...settingsFrom(input, target, video),
        ...(text.said ? { subtitles: from.subtitles ?? 'default' } : {}),
      },
    },
    issues,
  };
}
