import { SgError } from '../model/errors.ts';
import type { Check, Verification } from '../model/events.ts';
import type { AudioStream, MediaInfo, VideoStream } from '../model/media.ts';
import type { Expectation, ExpectedAudio, ExpectedVideo, Plan } from '../model/plan.ts';
import { formatRational, valueOf } from '../model/rational.ts';
import { measureQuality } from './measure-quality.ts';
import type { Ports, WorkspacePort } from './ports.ts';

export type VerifyDepth = 'fast' | 'full' | 'off';

const check = (name: string, expected: string | number, actual: string | number | undefined, ok: boolean): Check => ({
  name,
  expected: String(expected),
  actual: actual === undefined ? 'none' : String(actual),
  ok,
});
const same = (name: string, expected: string | number, actual: string | number | undefined): Check =>
  check(name, expected, actual, String(expected) === String(actual));

const FORMAT: Readonly<Record<Expectation['container'], RegExp>> = {
  mp4: /mp4/,
  mov: /mov/,
  webm: /webm/,
  mkv: /matroska/,
};

function pictureChecks(want: ExpectedVideo, found: VideoStream): readonly Check[] {
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

function soundChecks(want: readonly ExpectedAudio[], found: readonly AudioStream[]): readonly Check[] {
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

function timeChecks(
  want: Expectation,
  tolerate: boolean,
  media: MediaInfo,
  video: VideoStream,
  frames: number | undefined,
): readonly Check[] {
  const checks: Check[] = [];
  const fps = valueOf(want.video.frameRate ?? video.averageRate ?? { num: 25, den: 1 });
  const tolerance = Math.max(0.1, 2 / fps);
  if (want.durationSec > 0) {
    const length =
      video.durationSec ?? (media.scan ? media.scan.lastVideoEndSec - media.scan.firstVideoSec : media.durationSec);
    checks.push(
      check(
        'duration',
        `${want.durationSec.toFixed(3)} s`,
        length?.toFixed(3),
        length !== undefined &&
          (tolerate ? length < want.durationSec + tolerance : Math.abs(length - want.durationSec) <= tolerance),
      ),
    );
  }
  if (want.video.frames !== undefined && frames !== undefined) {
    checks.push(
      check(
        'frames',
        want.video.frames,
        frames,
        tolerate
          ? frames <= want.video.frames + want.video.frameTolerance
          : Math.abs(frames - want.video.frames) <= want.video.frameTolerance,
      ),
    );
  }
  checks.push(check('frames in file', 'at least 1', frames ?? 'unknown', frames === undefined || frames > 0));
  const sound = media.audio[0];
  if (sound) {
    const offset = sound.startSec - video.startSec;
    checks.push(
      check(
        'audio start',
        'within 0.04 s of the picture',
        `${offset.toFixed(3)} s`,
        want.video.frameRate === undefined || Math.abs(offset) <= 0.04,
      ),
    );
  }
  return checks;
}

async function structureChecks(want: Expectation, product: string, ports: Ports): Promise<readonly Check[]> {
  if (want.container !== 'mp4' && want.container !== 'mov') return [];
  const found = await ports.mp4Structure(product);
  if (!found) return [check('structure', 'MP4 boxes', 'none', false)];
  return [
    ...(want.fastStart
      ? [
          check(
            'index at the front',
            'moov before mdat',
            found.moovBeforeMdat ? 'moov before mdat' : 'mdat before moov',
            found.moovBeforeMdat,
          ),
        ]
      : []),
    same('fragments', want.fragmented ? 'fragmented' : 'whole', found.fragmented ? 'fragmented' : 'whole'),
    ...(want.noEditList ? [same('edit lists', 0, found.editLists)] : []),
  ];
}

function keyframeCheck(maxSec: number, times: readonly number[], endSec: number): Check {
  const gaps = [...times.slice(1), endSec].map((time, i) => time - (times[i] ?? 0));
  const longest = Math.max(0, ...gaps);
  return check(
    'keyframe distance',
    `at most ${maxSec.toFixed(2)} s`,
    `${longest.toFixed(2)} s`,
    longest <= maxSec + 0.05,
  );
}

const HEAD_SEC = 1;

async function decodeChecks(
  product: string,
  durationSec: number,
  depth: VerifyDepth,
  ports: Ports,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const say = (name: string, lines: readonly string[]) =>
    check(name, 'no complaint', lines[0] ?? 'no complaint', lines.length === 0);
  if (depth === 'full' || durationSec <= 3 * HEAD_SEC) return [say('decode', await ports.decode(product, {}, signal))];
  const head = await ports.decode(product, { durationSec: HEAD_SEC }, signal);
  const tail = await ports.decode(product, { fromSec: Math.max(0, durationSec - HEAD_SEC) }, signal);
  return [say('decode of the head', head), say('decode of the tail', tail)];
}

async function frameCount(
  video: VideoStream,
  media: MediaInfo,
  product: string,
  depth: VerifyDepth,
  ports: Ports,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (depth === 'full') return ports.countFrames(product, 'decode', signal);
  return media.scan?.videoPackets ?? video.frames ?? ports.countFrames(product, 'packets', signal);
}

/** Compares a finished file with what was planned. Never trusts ffmpeg's exit code, nor its headers alone. */
export async function verifyOutput(
  plan: Plan,
  workspace: WorkspacePort,
  options: { readonly verify: VerifyDepth; readonly minSsim: number | undefined; readonly tolerateErrors: boolean },
  ports: Ports,
  signal: AbortSignal,
): Promise<Verification> {
  const want = plan.expectation;
  const product = workspace.file(plan.product);
  if (options.verify === 'off') return { ok: true, checks: [] };
  const media = await ports.probe(product, signal).catch((error: unknown) => {
    if (error instanceof SgError && error.code === 'INPUT') return undefined;
    throw error;
  });
  const video = media?.video.find((stream) => !stream.attachedPicture);
  if (!media || !video) return { ok: false, checks: [check('opens', 'a film', 'no film', false)] };
  const frames = await frameCount(video, media, product, options.verify, ports, signal);
  const checks: Check[] = [
    check('container', want.container, media.format, FORMAT[want.container].test(media.format)),
    ...pictureChecks(want.video, video),
    ...timeChecks(want, options.tolerateErrors, media, video, frames),
    ...soundChecks(want.audio, media.audio),
    same('subtitle tracks', want.subtitles.length, media.subtitles.length),
    ...(await structureChecks(want, product, ports)),
  ];
  if (want.chapters !== undefined) checks.push(same('chapters', want.chapters, media.chapters.length));
  const lengthSec = video.durationSec ?? media.durationSec ?? want.durationSec;
  if (want.video.keyframeSec !== undefined) {
    checks.push(
      keyframeCheck(want.video.keyframeSec, await ports.keyframeTimes(product, signal), video.startSec + lengthSec),
    );
  }
  checks.push(...(await decodeChecks(product, lengthSec, options.verify, ports, signal)));
  const measured =
    options.verify === 'full' && plan.comparison
      ? await measureQuality(product, plan.comparison, workspace, ports, signal)
      : undefined;
  if (measured && options.minSsim !== undefined) {
    checks.push(
      check('ssim', `at least ${options.minSsim}`, measured.ssim.toFixed(5), measured.ssim >= options.minSsim),
    );
  }
  return {
    ok: checks.every((one) => one.ok),
    checks,
    ...(measured ? { ssim: measured.ssim, psnr: measured.psnr } : {}),
  };
}
