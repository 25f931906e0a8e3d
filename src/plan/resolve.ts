import type { Analyses } from '../model/analyses.ts';
import type { Issue } from '../model/errors.ts';
import type { HardwareOffer } from '../model/hardware.ts';
import type { AudioStream, MediaInfo, SubtitleFile, VideoStream } from '../model/media.ts';
import type { OptionValues, QualityLevel } from '../model/option-values.ts';
import { type SizeCapRow, sizeCap, sizeCapRow } from '../model/size-caps.ts';
import { goalOf } from '../presets/goals.ts';
import type { Layered } from '../presets/layers.ts';
import { copyTimeIssues } from './copy-times.ts';
import { type Destination, destinationPath, extensionOf } from './destination.ts';
import { wrong } from './finding.ts';
import { turnedSize, turnOf } from './geometry.ts';
import type { Moment } from './naming.ts';
import { keptSourceIssues, requestIssues } from './request-issues.ts';
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

/** What a size was called, for the result: the name says more than its bytes. */
function sizeCapSetting({ sizeCap: id }: OptionValues): { readonly size_cap?: Omit<SizeCapRow, 'conflicts'> } {
  const cap = id === undefined ? undefined : sizeCap(id);
  if (!cap) return {};
  const { conflicts: _, ...row } = sizeCapRow(cap);
  return { size_cap: row };
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

/** What every later decision builds on: the film, what it becomes, which sound goes with it, and when. */
interface Foundation {
  readonly stream: VideoStream;
  readonly target: Target;
  readonly quality: QualityLevel;
  readonly limitsOfSound: SoundLimits;
  readonly tracks: readonly AudioStream[];
  readonly timeline: Timeline;
}

function layFoundation(input: ResolveInput, stream: VideoStream): Foundation & { readonly issues: readonly Issue[] } {
  const { media, layered, limits } = input;
  const { values, from } = layered;
  const extension = input.destination.kind === 'file' ? (extensionOf(input.destination.path) ?? '') : undefined;
  const chosen = chooseTarget(values, from, extension);
  const target = rewrapped(chosen.target, values, media);
  const limitsOfSound = soundLimits(limits, layered);
  const tracks = chooseTracks(media.audio, values.audioTrack, limitsOfSound.singleTrack === true).chosen;
  const copies = { picture: target.codec === 'copy', sound: target.audioCodec === 'copy' };
  const sounding = target.audioCodec === 'none' ? [] : tracks;
  const { timeline, issues } = planTimeline(
    media,
    stream,
    sounding,
    values,
    copies.picture || (copies.sound && tracks.length > 0),
  );
  return {
    stream,
    target,
    quality: values.quality ?? 'medium',
    limitsOfSound,
    tracks,
    timeline,
    issues: [
      ...requestIssues(layered, target.container.id),
      ...chosen.issues,
      ...keptSourceIssues(media, layered, target),
      ...issues,
      ...(limits.noEditList ? copyTimeIssues(media, tracks, timeline, copies) : []),
    ],
  };
}

/** Sound, subtitles and what else travels with the picture. */
function planCompanions(input: ResolveInput, base: Foundation, video: ResolvedVideo | undefined) {
  const { media, limits } = input;
  const { stream, target, quality, timeline } = base;
  const options = input.layered.values;
  const { container } = target;
  const sound = planSound(media.audio, {
    container,
    codec: target.audioCodec,
    options,
    quality,
    limits: base.limitsOfSound,
    startSec: timeline.startSec,
    loudness: input.analyses.loudness,
  });
  const text = planSubtitles(media, {
    container,
    options,
    copiesPicture: target.codec === 'copy',
    keepsHdr: video?.colour.hdr !== undefined,
    film: {
      stored: stream,
      upright: turnedSize(stream, turnOf(stream, options)),
      pixelFormat: video?.pixelFormat ?? '',
    },
    file: input.subtitleFile,
  });
  const { extras, issues } = planExtras(media, {
    container,
    options,
    timeline,
    rate: video?.frameRate ?? naturalRate(stream, media),
    dropsLocation: limits.dropLocation === true,
  });
  return { audio: sound.audio, text, extras, issues: [...sound.issues, ...text.issues, ...issues] };
}

type Companions = ReturnType<typeof planCompanions>;

/** Every decision under its name, and what a result says of them. */
function assemble(
  input: ResolveInput,
  { target, quality, timeline }: Foundation,
  video: ResolvedVideo,
  { audio, text, extras }: Companions,
): Omit<ResolvedExport, 'destination' | 'thumbnails'> {
  const { media, layered, limits } = input;
  const { values, from } = layered;
  return {
    source: media.path,
    container: target.container.id,
    fragmented: values.fragmented === true,
    noEditList: limits.noEditList === true,
    ...(goalOf(values)?.indexFirst ? { indexFirst: true } : {}),
    timeline,
    video,
    ...(values.targetSize === undefined ? {} : { targetBytes: values.targetSize }),
    audio,
    subtitles: text.subtitles,
    burn: text.burn,
    subtitleFile: input.subtitleFile,
    extras,
    settings: {
      ...settingsFor(input, target, video, audio, quality),
      ...(text.said ? { subtitles: text.said } : {}),
      ...sizeCapSetting(values),
      ...(values.optimizeFor ? { optimize_for: values.optimizeFor } : {}),
    },
    settingsFrom: {
      ...settingsFrom(input, target, video),
      ...(text.said ? { subtitles: from.subtitles ?? 'default' } : {}),
    },
  };
}

/** Compiles a request and what is true of its source into every decision, with all findings at once. Pure. */
export function resolveExport(input: ResolveInput): Resolution {
  const { media, layered, limits } = input;
  const { values } = layered;
  const stream = mainVideo(media);
  if (!stream) {
    const what = `${media.path} has no picture`;
    const instead = 'sg-export delivers films: give a source with a video stream';
    return { resolved: undefined, issues: [wrong('no_video', 'input', what, instead, 'INPUT')] };
  }
  const base = layFoundation(input, stream);
  const { target, quality, timeline } = base;
  const { encoders, analyses, threads, hardware } = input;
  const film = { media, stream, target, layered, timeline, limits, quality };
  const decided = resolveVideo({ ...film, encoders, analyses, threads, hardware });
  const companions = planCompanions(input, base, decided.video);
  const issues = [...base.issues, ...decided.issues, ...companions.issues];
  if (!decided.video) return { resolved: undefined, issues };
  const { audio } = companions;
  const parts = { video: decided.video, audio, timeline, container: target.container.id, extras: companions.extras };
  const { video, issues: sizeIssues } = aimedVideo(values, media, parts);
  const { now } = input;
  const named = destinationPath(input.destination, { media, values, target, video, quality, now });
  const pictures = planThumbnails(values, video);
  return {
    resolved: {
      ...assemble(input, base, video, companions),
      destination: named.path,
      ...(pictures.wish ? { thumbnails: pictures.wish } : {}),
    },
    issues: [...issues, ...sizeIssues, ...named.issues, ...pictures.issues],
  };
}
