import type { Issue } from '../model/errors.ts';
import type { AudioStream, MediaInfo, VideoStream } from '../model/media.ts';
import type { OptionValues } from '../model/option-values.ts';
import {
  nearestStandardRate,
  type Rational,
  rational,
  STANDARD_RATES,
  sameRational,
  valueOf,
} from '../model/rational.ts';
import { formatTime, parseTime, type TimeSpec, timecodeFrames } from '../model/units.ts';
import { warn, wrong } from './finding.ts';
import type { Timeline } from './resolved.ts';

/** Sound that starts up to this much before the picture is cut to it; beyond, the first picture is held. Seconds. */
const CUT_LEAD_SEC = 0.1;
/** The part of a picture's time below which no picture is delivered: cuts lie a quarter of it before the next. */
const LEAST_PICTURE = 0.3;
/** Containers with an index, in which a seek before the input lands before the wanted moment (traps: not MPEG-TS). */
const SEEKABLE = /mov|matroska|webm/;
const SEEK_MARGIN_SEC = 10;

/** True where the pictures are evenly spaced, as far as the header or a scan tells. */
export function isConstantRate(stream: VideoStream, media: MediaInfo): boolean {
  const { frameRate, averageRate } = stream;
  if (!frameRate || !averageRate) return false;
  const scan = media.scan;
  if (scan && scan.videoPackets > 2) {
    const nominal = 1 / valueOf(averageRate);
    const slack = Math.max(0.0021, nominal * 0.1);
    return Math.abs(scan.maxStepSec - nominal) < slack && Math.abs(scan.minStepSec - nominal) < slack;
  }
  return Math.abs(valueOf(frameRate) / valueOf(averageRate) - 1) < 0.005;
}

/** The constant rate that the source has, or the sensible standard rate for one that varies. */
export function naturalRate(stream: VideoStream, media: MediaInfo): Rational {
  const average = stream.averageRate ?? stream.frameRate ?? rational(25);
  if (isConstantRate(stream, media)) {
    return nearestStandardRate(valueOf(average), 0.002) ?? stream.frameRate ?? average;
  }
  const nominal = stream.frameRate;
  if (
    nominal &&
    valueOf(nominal) <= 60 &&
    valueOf(nominal) < 1.6 * valueOf(average) &&
    STANDARD_RATES.some((rate) => sameRational(rate, nominal))
  )
    return nominal;
  const fps = valueOf(average);
  const candidates = [rational(15), ...STANDARD_RATES].filter((rate) => valueOf(rate) <= 60);
  return candidates.find((rate) => valueOf(rate) >= fps * 0.98) ?? rational(60);
}

/** Seconds of a moment as typed: a timecode counts from the source's own timecode where it has one. */
function momentSec(time: TimeSpec, rate: Rational, media: MediaInfo): number {
  if (time.frames === undefined) return time.sec;
  const first = media.timecode === undefined ? undefined : parseTime(media.timecode);
  const base = first ? timecodeFrames(first, rate) : 0;
  return (timecodeFrames(time, rate) - base) / valueOf(rate);
}

/** Length of a span as typed. */
function spanSec(time: TimeSpec, rate: Rational): number {
  return time.frames === undefined ? time.sec : timecodeFrames(time, rate) / valueOf(rate);
}

function pictureEndSec(stream: VideoStream, media: MediaInfo): number | undefined {
  if (media.scan && media.scan.videoPackets > 0) return media.scan.lastVideoEndSec;
  if (stream.durationSec !== undefined) return stream.startSec + stream.durationSec;
  return media.durationSec === undefined ? undefined : media.startSec + media.durationSec;
}

export interface TimelineDecision {
  readonly timeline: Timeline;
  readonly issues: readonly Issue[];
}

/** When the first picture that is delivered is shown, on the source's time line: what precedes the first keyframe is left out. */
function firstPicture(stream: VideoStream, media: MediaInfo, issues: Issue[]): number {
  const { scan } = media;
  if (!scan || scan.videoPackets === 0) return stream.startSec;
  if (scan.startsOnKeyframe || scan.firstKeyframeSec === undefined) return scan.firstVideoSec;
  const skipped = formatTime(scan.firstKeyframeSec - scan.firstVideoSec);
  issues.push(warn('starts_mid_gop', 'input', `the first ${skipped} before the first keyframe is left out`));
  return Math.max(scan.firstVideoSec, scan.firstKeyframeSec);
}

/** `--start` in seconds from the first picture, within the source. */
function startOf(
  options: OptionValues,
  rate: Rational,
  media: MediaInfo,
  lengthSec: number | undefined,
  issues: Issue[],
): number {
  const startSec = options.start ? momentSec(options.start, rate, media) : 0;
  if (startSec < 0) {
    const what = `--start lies before the source's first timecode ${media.timecode}`;
    issues.push(wrong('start_before_beginning', '--start', what, 'give a later moment'));
    return 0;
  }
  // Half a picture from the end the next one would be the first.
  if (startSec === 0 || lengthSec === undefined || startSec < lengthSec - 0.5 / valueOf(rate)) return startSec;
  const end = formatTime(lengthSec);
  const where = startSec < lengthSec ? 'leaves no picture' : 'is past the end';
  const what = `--start ${formatTime(startSec)} ${where}: the source is ${end} long`;
  issues.push(wrong('start_past_end', '--start', what, `give a moment before ${end}`));
  return 0;
}

/**
 * Decides which part of the source is delivered and where the output's zero is: the first picture, with the sound in
 * step. `audio` is what is delivered of it. What is copied keeps the source's times, which no filter moves: then
 * (`copies`) the container's start is zero for everything, and a picture that comes later is held.
 */
export function planTimeline(
  media: MediaInfo,
  stream: VideoStream,
  audio: readonly AudioStream[],
  options: OptionValues,
  copies: boolean,
): TimelineDecision {
  const issues: Issue[] = [];
  const rate = naturalRate(stream, media);
  const firstSec = firstPicture(stream, media, issues);
  const lead = firstSec - Math.min(...audio.map((track) => track.startSec), firstSec);
  // Sound of pictures that are left out is left out with them: there is nothing to hold for it.
  const midGop = media.scan !== undefined && firstSec > media.scan.firstVideoSec;
  const holds = lead > CUT_LEAD_SEC && options.start === undefined && !midGop;
  const holdSec = copies ? Math.max(0, firstSec - media.startSec) : holds ? lead : 0;
  const zeroSec = firstSec - holdSec;
  const endSec = pictureEndSec(stream, media);
  const lengthSec = endSec === undefined ? undefined : endSec - zeroSec;
  const asked = startOf(options, rate, media, lengthSec, issues);
  const startSec = isConstantRate(stream, media) ? Math.round(asked * valueOf(rate)) / valueOf(rate) : asked;
  const available = lengthSec === undefined ? Number.POSITIVE_INFINITY : lengthSec - startSec;
  const wanted = options.duration ? spanSec(options.duration, rate) : Number.POSITIVE_INFINITY;
  if (options.duration && wanted > available + 0.5 / valueOf(rate)) {
    const what = `--duration runs past the end: cut to ${formatTime(available)}`;
    issues.push(warn('duration_past_end', '--duration', what));
  }
  if (wanted < LEAST_PICTURE / valueOf(rate)) {
    const least = `a picture lasts ${Math.ceil(1000 / valueOf(rate))}ms here`;
    issues.push(wrong('duration_too_short', '--duration', '--duration is too short for one picture', least));
  }
  const durationSec = Math.min(wanted, available);
  const atSec = zeroSec + startSec - media.startSec;
  const seeks = SEEKABLE.test(media.format) && atSec > SEEK_MARGIN_SEC * 1.5;
  const seekSec = seeks ? Math.floor(atSec - SEEK_MARGIN_SEC) : 0;
  return {
    timeline: {
      seekSec,
      originSec: atSec - seekSec,
      startSec,
      durationSec: Number.isFinite(durationSec) ? durationSec : 0,
      cutStart: startSec > 0 || firstSec > stream.startSec + 0.001,
      cutEnd: wanted < available,
      holdSec,
    },
    issues,
  };
}
