import type { AudioStream, HdrMetadata, MediaInfo, VideoStream } from './media.ts';

/** What a stream says that says nothing of HDR. */
export const NO_HDR: HdrMetadata = {
  mastering: undefined,
  contentLight: undefined,
  dolbyVision: false,
  dolbyVisionOnly: false,
  hdr10Plus: false,
  inContainer: false,
};

/** What is common to the streams of a source that nobody has measured. */
const STREAM = {
  codecTag: '',
  profile: undefined,
  startSec: 0,
  bitrateKbps: undefined,
  language: undefined,
  title: undefined,
  disposition: { default: true },
  tags: {},
} as const;

/** A minute of 1080p at 25 frames a second with stereo: what a request is judged by where there is no source to judge it by. */
export function nominalMedia(durationSec = 60): MediaInfo {
  const fps = { num: 25, den: 1 };
  const video: VideoStream = {
    ...STREAM,
    index: 0,
    codec: 'h264',
    durationSec,
    width: 1920,
    height: 1080,
    sampleAspect: { num: 1, den: 1 },
    pixelFormat: 'yuv420p',
    bitDepth: 8,
    level: undefined,
    frameRate: fps,
    averageRate: fps,
    frames: Math.round(durationSec * fps.num),
    timeBase: { num: 1, den: 12_800 },
    fieldOrder: 'progressive',
    hasBFrames: 0,
    colour: { range: 'tv', primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' },
    rotation: 0,
    flipped: false,
    hasRotationMatrix: false,
    hdr: NO_HDR,
    attachedPicture: false,
    alpha: false,
  };
  const audio: AudioStream = {
    ...STREAM,
    index: 1,
    codec: 'aac',
    durationSec,
    channels: 2,
    layout: 'stereo',
    sampleRate: 48_000,
    sampleFormat: 'fltp',
    bitsPerSample: 0,
  };
  return {
    path: '/source.mp4',
    bytes: 0,
    format: 'mov,mp4,m4a,3gp,3g2,mj2',
    durationSec,
    startSec: 0,
    bitrateKbps: undefined,
    video: [video],
    audio: [audio],
    subtitles: [],
    data: [],
    attachments: [],
    chapters: [],
    tags: {},
    timecode: undefined,
    scan: undefined,
  };
}
