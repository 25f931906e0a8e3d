import type { Check } from '../model/events.ts';
import type { AudioStream, MediaInfo, VideoStream } from '../model/media.ts';
import type { Expectation, ExpectedAudio, ExpectedVideo } from '../model/plan.ts';
import { formatRational, valueOf } from '../model/rational.ts';

/** One line of a verification: what was planned, what was found, and whether that will do. */
export const check = (
  name: string,
  expected: string | number,
  actual: string | number | undefined,
  ok: boolean,
): Check => ({
  name,
  expected: String(expected),
  actual: actual === undefined ? 'none' : String(actual),
  ok,
});
/** A check that both read alike. */
export const same = (name: string, expected: string | number, actual: string | number | undefined): Check =>
  check(name, expected, actual, String(expected) === String(actual));

export function pictureChecks(want: ExpectedVideo, found: VideoStream): readonly Check[] {
  const checks: Check[] = [same('video codec', want.codec, found.codec)];
  if (want.profiles)
    checks.push(
      check('profile', want.profiles.join(' or '), found.profile, want.profiles.includes(found.profile ?? '')),
    );
  if (want.codecTag) checks.push(same('codec tag', want.codecTag, found.codecTag));
  if (want.pixelFormat) checks.push(same('pixel format', want.pixelFormat, found.pixelFormat));
  checks.push(same('size', `${want.width}x${want.height}`, `${found.width}x${found.height}`));
  if (want.sampleAspect) {
    checks.push(same('sample aspect ratio', formatRational(want.sampleAspect), formatRational(found.sampleAspect)));
    checks.push(
      check(
        'rotation matrix',
        'none',
        found.hasRotationMatrix ? `${found.rotation}°` : 'none',
        !found.hasRotationMatrix,
      ),
    );
  }
  if (want.frameRate) {
    const rate = found.averageRate;
    const off = rate ? Math.abs(valueOf(rate) / valueOf(want.frameRate) - 1) : 1;
    // The average over a short file is blurred by the last frame's length; the nominal rate is not.
    const nominal = found.frameRate ? Math.abs(valueOf(found.frameRate) / valueOf(want.frameRate) - 1) < 0.0005 : false;
    checks.push(
      check(
        'frame rate',
        formatRational(want.frameRate),
        rate && formatRational(rate),
        off < 0.0005 || (nominal && off < 0.05),
      ),
    );
  }
  if (want.progressive && found.fieldOrder !== undefined)
    checks.push(check('scan', 'progressive', found.fieldOrder, found.fieldOrder === 'progressive'));
  return [...checks, ...colourChecks(want, found)];
}

function colourChecks(want: ExpectedVideo, found: VideoStream): readonly Check[] {
  const keys = ['matrix', 'transfer', 'primaries', 'range'] as const;
  const checks = keys.flatMap((key) => {
    const wanted = want.colour[key];
    // An editing codec has no place for the range: limited is what it means.
    if (wanted === undefined || (key === 'range' && found.colour.range === undefined && wanted === 'tv')) return [];
    return [same(`colour ${key}`, wanted, found.colour[key])];
  });
  if (want.hdr) {
    checks.push(
      check(
        'mastering display',
        'present',
        found.hdr.mastering ? 'present' : 'missing',
        found.hdr.mastering !== undefined,
      ),
    );
  }
  return checks;
}

/** A delivery misses its loudness by no more. */
const LOUDNESS_WITHIN_LU = 0.5;

/** Of each track that was brought to a loudness: what was found, in the tracks' order. */
export function loudnessChecks(
  want: readonly ExpectedAudio[],
  found: readonly (number | undefined)[],
): readonly Check[] {
  return want.flatMap(({ loudnessLufs }, i) => {
    if (loudnessLufs === undefined) return [];
    const lufs = found[i];
    const close = lufs !== undefined && Math.abs(lufs - loudnessLufs) <= LOUDNESS_WITHIN_LU;
    const name = want.length > 1 ? `audio ${i + 1} loudness` : 'audio loudness';
    return [check(name, `${loudnessLufs} LUFS`, lufs === undefined ? 'silent' : `${lufs} LUFS`, close)];
  });
}

export function soundChecks(want: readonly ExpectedAudio[], found: readonly AudioStream[]): readonly Check[] {
  const checks: Check[] = [same('audio tracks', want.length, found.length)];
  want.forEach((track, i) => {
    const stream = found[i];
    if (!stream) return;
    const label = want.length > 1 ? `audio ${i + 1}` : 'audio';
    checks.push(same(`${label} codec`, track.codec, stream.codec));
    if (track.channels !== undefined) checks.push(same(`${label} channels`, track.channels, stream.channels));
    if (track.sampleRate !== undefined) checks.push(same(`${label} sample rate`, track.sampleRate, stream.sampleRate));
  });
  return checks;
}

export function timeChecks(
  want: Expectation,
  tolerate: boolean,
  media: MediaInfo,
  video: VideoStream,
  frames: number | undefined,
): readonly Check[] {
  const checks: Check[] = [];
  const fps = valueOf(want.video.frameRate ?? video.averageRate ?? { num: 25, den: 1 });
  const tolerance = Math.max(0.1, 2 / fps);
  const { laterFrames = 0 } = want.video;
  /** Fewer or more than wanted, within what is tolerated on either side. */
  const near = (off: number, by: number, late: number): boolean => off <= by + late && (tolerate || off >= -by);
  if (want.durationSec > 0) {
    const length =
      video.durationSec ?? (media.scan ? media.scan.lastVideoEndSec - media.scan.firstVideoSec : media.durationSec);
    checks.push(
      check(
        'duration',
        `${want.durationSec.toFixed(3)} s`,
        length?.toFixed(3),
        length !== undefined && near(length - want.durationSec, tolerance, laterFrames / fps),
      ),
    );
  }
  if (want.video.frames !== undefined && frames !== undefined) {
    checks.push(
      check(
        'frames',
        want.video.frames,
        frames,
        near(frames - want.video.frames, want.video.frameTolerance, laterFrames),
      ),
    );
  }
  checks.push(check('frames in file', 'at least 1', frames ?? 'unknown', frames === undefined || frames > 0));
  const sound = media.audio[0];
  if (sound) {
    const offset = sound.startSec - video.startSec;
    const { primingSec = 0 } = want.audio[0] ?? {};
    checks.push(
      check(
        'audio start',
        `within 0.04 s of the picture${primingSec > 0.04 ? `, or of its ${primingSec.toFixed(3)} s of priming` : ''}`,
        `${offset.toFixed(3)} s`,
        want.video.frameRate === undefined || (offset <= 0.04 && offset >= -0.04 - primingSec),
      ),
    );
  }
  return checks;
}

export function keyframeCheck(maxSec: number, times: readonly number[], endSec: number): Check {
  const gaps = [...times.slice(1), endSec].map((time, i) => time - (times[i] ?? 0));
  const longest = Math.max(0, ...gaps);
  return check(
    'keyframe distance',
    `at most ${maxSec.toFixed(2)} s`,
    `${longest.toFixed(2)} s`,
    longest <= maxSec + 0.05,
  );
}

const FORMAT: Readonly<Record<Expectation['container'], RegExp>> = {
  mp4: /mp4/,
  mov: /mov/,
  webm: /webm/,
  mkv: /matroska/,
};

export const containerCheck = (container: Expectation['container'], format: string): Check =>
  check('container', container, format, FORMAT[container].test(format));
