import { audioCodec } from '../codecs/audio.ts';
import type { EncoderRow } from '../codecs/encoder-row.ts';
import { encoderRow, videoCodec } from '../codecs/video.ts';
import type { MediaInfo } from '../model/media.ts';
import type { Expectation, ExpectedAudio, ExpectedVideo } from '../model/plan.ts';
import { rational, valueOf } from '../model/rational.ts';
import { formatsFor } from './pixel-format.ts';
import type { ResolvedAudio, ResolvedExport } from './resolved.ts';
import { chapterFile } from './tracks.ts';

/** Seconds of the encoder's silence that stay in front of a track. */
function primingSec({ codec, encoder, sampleRate }: ResolvedAudio, container: ResolvedExport['container']): number {
  if (encoder === 'copy' || container !== 'mkv') return 0;
  return (audioCodec(codec)?.primingSamples ?? 0) / sampleRate;
}

function expectedAudio(track: ResolvedAudio, media: MediaInfo, resolved: ResolvedExport): ExpectedAudio {
  const wantedLufs = resolved.settings.loudness_lufs;
  const silenceSec = primingSec(track, resolved.container);
  const source = media.audio.find((one) => one.index === track.index);
  const copy = track.encoder === 'copy';
  const bits = track.bits === 24 ? 1 : 0;
  return {
    codec: copy
      ? (source?.codec ?? '')
      : (audioCodec(track.codec)?.probeNames[track.codec === 'pcm' ? bits : 0] ?? track.codec),
    channels: track.channels,
    sampleRate: track.sampleRate,
    language: track.language,
    ...(silenceSec > 0 ? { primingSec: silenceSec } : {}),
    loudnessLufs: track.loudness ? (wantedLufs ?? undefined) : undefined,
    endToleranceSec: undefined,
  };
}

function copiedVideo(resolved: ResolvedExport, media: MediaInfo): ExpectedVideo {
  const stream = media.video.find((one) => one.index === resolved.video.index);
  return {
    codec: stream?.codec ?? '',
    profiles: undefined,
    codecTag:
      stream?.codec === 'hevc' && (resolved.container === 'mp4' || resolved.container === 'mov') ? 'hvc1' : undefined,
    pixelFormat: stream?.pixelFormat,
    width: resolved.video.geometry.width,
    height: resolved.video.geometry.height,
    sampleAspect: undefined,
    frameRate: undefined,
    frames: resolved.video.frames,
    frameTolerance: 2,
    colour: {},
    progressive: undefined,
    keyframeSec: undefined,
    hdr: false,
  };
}

/** The encoder writes it, or ffmpeg passes on what the source's container says. */
const keepsMastering = ({ video }: ResolvedExport, row: EncoderRow | undefined): boolean =>
  video.colour.hdr?.mastering !== undefined && (row?.carriesHdrMetadata === true || video.colour.hdr.inContainer);

/** A stream that was cut by copying ends with a hole where its last B-frames were: the picture behind it is shown later than the header's length. */
function laterFrames({ video, timeline }: ResolvedExport, media: MediaInfo): Pick<ExpectedVideo, 'laterFrames'> {
  const stream = media.video.find((one) => one.index === video.index);
  const counted = media.scan !== undefined || timeline.cutEnd;
  return stream && stream.hasBFrames > 0 && !counted ? { laterFrames: stream.hasBFrames + 1 } : {};
}

function encodedVideo(resolved: ResolvedExport, media: MediaInfo): ExpectedVideo {
  const { video, timeline, container } = resolved;
  const row = encoderRow(video.encoder);
  const flavour = video.rate.mode === 'flavour' ? row?.flavours?.[video.rate.flavour] : undefined;
  const format = row ? formatsFor(row, video.rate).find((one) => one.name === video.pixelFormat) : undefined;
  const { to } = video.colour;
  const exact =
    !timeline.cutEnd &&
    !timeline.cutStart &&
    media.video.find((one) => one.index === video.index)?.frames === video.frames;
  const alphaInWebm = video.pixelFormat === 'yuva420p' && video.codec === 'vp9';
  return {
    codec: videoCodec(video.codec)?.probeName ?? video.codec,
    profiles: flavour ? [flavour.profile] : video.custom.profile ? undefined : format?.profiles,
    codecTag:
      container === 'mov' && flavour
        ? flavour.codecTag
        : (container === 'mp4' || container === 'mov') && video.codec === 'h265'
          ? 'hvc1'
          : undefined,
    // ffprobe shows VP9's alpha as a tag of the stream, not in the pixel format.
    pixelFormat: alphaInWebm ? 'yuv420p' : (flavour?.probedAs?.[video.pixelFormat] ?? video.pixelFormat),
    width: video.geometry.width,
    height: video.geometry.height,
    sampleAspect: rational(1),
    frameRate: video.frameRate,
    frames: video.frames,
    frameTolerance: exact ? 1 : 2,
    ...laterFrames(resolved, media),
    colour: { matrix: to.matrix, transfer: to.transfer, primaries: to.primaries, range: to.range },
    progressive: true,
    keyframeSec: row?.intraOnly || !video.frameRate ? undefined : video.gop.sec + 1 / valueOf(video.frameRate),
    hdr: keepsMastering(resolved, row),
  };
}

/** Chapters that stay where they are: ffmpeg leaves out those that are over before the container's clock begins. */
const keptChapters = ({ chapters, startSec }: MediaInfo): number =>
  chapters.filter(({ endSec }) => endSec >= startSec).length;

/** What the output must turn out to be, from what was decided. */
export function expectationOf(resolved: ResolvedExport, media: MediaInfo): Expectation {
  const { video, container, extras, timeline } = resolved;
  return {
    container,
    fastStart: (container === 'mp4' || container === 'mov') && !resolved.fragmented,
    fragmented: resolved.fragmented && (container === 'mp4' || container === 'mov'),
    video: video.codec === 'copy' ? copiedVideo(resolved, media) : encodedVideo(resolved, media),
    audio: resolved.audio.map((track) => expectedAudio(track, media, resolved)),
    subtitles: resolved.subtitles.map((track) => ({ codec: track.probeName })),
    // A copied picture that comes late is not held.
    durationSec: timeline.durationSec - (video.codec === 'copy' ? timeline.holdSec : 0),
    chapters:
      extras.chapters === 'keep'
        ? keptChapters(media)
        : extras.chapters === 'shift'
          ? chapterFile(media, timeline).count
          : 0,
    noEditList: resolved.noEditList,
  };
}
