import { isFlaggedInterlaced } from '../analysis/interlace.ts';
import { encoderRow } from '../codecs/video.ts';
import type { MediaInfo, VideoStream } from '../model/media.ts';
import { valueOf } from '../model/rational.ts';
import { videoKbpsEstimate } from '../plan/estimate.ts';
import { formatsFor } from '../plan/pixel-format.ts';
import type { ResolvedExport, ResolvedVideo } from '../plan/resolved.ts';
import type { DeliveryFacts } from '../presets/facts.ts';

/** x264's ultrafast leaves out CABAC, B-frames and the 8x8 transform unless it is told otherwise: then it is no High. */
function h264Facts(video: ResolvedVideo): Partial<DeliveryFacts> {
  const { custom, gop, rate, speed } = video;
  const row = encoderRow(video.encoder);
  // A profile or tuning of the user's own, and lossless coding, decide these in the encoder.
  if (!row || custom.profile || custom.tune || (rate.mode === 'crf' && rate.crf < 1)) return {};
  if (row.basicSpeeds?.includes(speed) && !gop.fullHigh) {
    return { profile: 'Constrained Baseline', cabac: false, maxBFrames: Number(custom.bframes ?? 0) };
  }
  const profiles = formatsFor(row, rate).find((format) => format.name === video.pixelFormat)?.profiles;
  const bFrames = custom.bframes === undefined ? gop.bFrames : Number(custom.bframes);
  return { profile: profiles?.[0], cabac: true, ...(bFrames === undefined ? {} : { maxBFrames: bFrames }) };
}

/** Combed only where the user kept it so: what is left alone otherwise was looked at. */
function isProgressive({ video, settingsFrom }: ResolvedExport, stream: VideoStream | undefined): boolean {
  const leftAlone = video.deinterlace === 'off' && settingsFrom.deinterlaced !== 'source';
  return !(leftAlone && stream && isFlaggedInterlaced(stream));
}

function encodedFacts(resolved: ResolvedExport, media: MediaInfo): Partial<DeliveryFacts> {
  const { video, container } = resolved;
  const isMp4 = container === 'mp4' || container === 'mov';
  const fixedRate = video.rate.mode === 'vbr' || video.rate.mode === 'cbr' || video.rate.mode === 'abr';
  const stream = media.video.find((one) => one.index === video.index);
  return {
    videoCodec: video.codec,
    ...(video.codec === 'h264' ? h264Facts(video) : {}),
    width: video.geometry.width,
    height: video.geometry.height,
    sampleAspect: 1,
    ...(video.frameRate ? { frameRate: valueOf(video.frameRate), constantFrameRate: true } : {}),
    pixelFormat: video.pixelFormat,
    bitDepth: /1[02]le$/.test(video.pixelFormat) ? 10 : 8,
    ...(fixedRate ? { videoKbps: videoKbpsEstimate(resolved, media) } : {}),
    progressive: isProgressive(resolved, stream),
    closedGop: true,
    keyframeSec: video.gop.sec,
    rotationMatrix: false,
    colour: video.colour.to,
    hdr: video.colour.hdr !== undefined,
    ...(video.codec === 'h265' && isMp4 ? { codecTag: 'hvc1' } : {}),
  };
}

/** What a copy keeps of its source: all that the picture is. */
function copiedFacts(resolved: ResolvedExport, media: MediaInfo, source: DeliveryFacts | undefined) {
  const stream = media.video.find((one) => one.index === resolved.video.index);
  const {
    container: _container,
    bytes: _bytes,
    durationSec: _duration,
    codecTag: _tag,
    loudnessLufs: _loudness,
    ...picture
  } = source ?? {
    videoCodec: stream?.codec,
    width: resolved.video.geometry.width,
    height: resolved.video.geometry.height,
    pixelFormat: stream?.pixelFormat,
    sampleAspect: stream && valueOf(stream.sampleAspect),
  };
  return picture;
}

function soundFacts({ audio }: ResolvedExport, media: MediaInfo): Partial<DeliveryFacts> {
  const track = audio[0];
  if (!track) return { hasAudio: false };
  const copied = track.codec === 'copy' ? media.audio.find((one) => one.index === track.index) : undefined;
  const kbps = copied?.bitrateKbps ?? track.kbps;
  const profile = copied ? copied.profile : track.codec === 'aac' ? 'LC' : undefined;
  return {
    hasAudio: true,
    audioCodec: copied?.codec ?? track.codec,
    audioProfile: profile,
    channels: track.channels,
    sampleRate: track.sampleRate,
    audioKbps: kbps,
  };
}

/**
 * What a planned delivery will be, as far as the plan decides it. Sizes are left out: an estimate refuses nobody.
 * `source`: what was measured of a source whose picture is copied.
 */
export function plannedFacts(resolved: ResolvedExport, media: MediaInfo, source?: DeliveryFacts): DeliveryFacts {
  const { video, container, timeline } = resolved;
  const isMp4 = container === 'mp4' || container === 'mov';
  return {
    ...(video.codec === 'copy' ? copiedFacts(resolved, media, source) : encodedFacts(resolved, media)),
    container,
    durationSec: timeline.durationSec,
    moovAtFront: isMp4 ? !resolved.fragmented : undefined,
    fragmented: isMp4 ? resolved.fragmented : undefined,
    hasEditList: isMp4 ? !resolved.noEditList : undefined,
    ...soundFacts(resolved, media),
  };
}
