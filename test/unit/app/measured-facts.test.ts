import { describe, expect, it } from 'vitest';
import { containerOf, type Measures, measuredFacts } from '../../../src/app/measured-facts.ts';
import type { Mp4Structure } from '../../../src/ffmpeg/mp4-boxes.ts';
import type { VideoPackets } from '../../../src/ffmpeg/packet-facts.ts';
import type { AudioStream, MediaInfo, VideoStream } from '../../../src/model/media.ts';
import { NO_HDR } from '../../../src/model/nominal-media.ts';
import { findPlatform } from '../../../src/presets/catalogue.ts';
import { judge } from '../../../src/presets/judge.ts';

const stream = {
  index: 0,
  codecTag: '',
  profile: undefined,
  startSec: 0,
  durationSec: 10,
  bitrateKbps: undefined,
  language: undefined,
  title: undefined,
  disposition: {},
  tags: {},
};
const film: VideoStream = {
  ...stream,
  codec: 'h264',
  codecTag: 'avc1',
  profile: 'High',
  width: 1920,
  height: 1080,
  sampleAspect: { num: 1, den: 1 },
  pixelFormat: 'yuv420p',
  bitDepth: 8,
  level: 40,
  frameRate: { num: 30000, den: 1001 },
  averageRate: { num: 30000, den: 1001 },
  frames: 300,
  timeBase: { num: 1, den: 30000 },
  fieldOrder: 'progressive',
  hasBFrames: 2,
  colour: { range: 'tv', primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' },
  rotation: 0,
  flipped: false,
  hasRotationMatrix: false,
  hdr: NO_HDR,
  attachedPicture: false,
  alpha: false,
};
const sound: AudioStream = {
  ...stream,
  index: 1,
  codec: 'aac',
  profile: 'LC',
  channels: 2,
  layout: 'stereo',
  sampleRate: 48000,
  sampleFormat: 'fltp',
  bitsPerSample: 0,
};

function media(video: Partial<VideoStream> = {}, over: Partial<MediaInfo> = {}): MediaInfo {
  return {
    path: '/films/a.mp4',
    bytes: 5_000_000,
    format: 'mov,mp4,m4a,3gp,3g2,mj2',
    durationSec: 10.01,
    startSec: 0,
    bitrateKbps: 4000,
    video: [{ ...film, ...video }],
    audio: [sound],
    subtitles: [],
    data: [],
    attachments: [],
    chapters: [],
    tags: {},
    timecode: undefined,
    scan: undefined,
    ...over,
  };
}

const packets: VideoPackets = {
  packets: 300,
  bytes: 4_000_000,
  spanSec: 10,
  keyframes: 5,
  longestGopSec: 2.002,
  minStepSec: 0.033333,
  maxStepSec: 0.033367,
  frameRate: 29.9698,
  leadingPictures: 0,
  maxBFrames: 2,
};
const structure: Mp4Structure = {
  majorBrand: 'isom',
  compatibleBrands: [],
  boxes: ['ftyp', 'moov', 'mdat'],
  moovBeforeMdat: true,
  fragmented: false,
  movieTimescale: 1000,
  missingBytes: 0,
  tracks: [],
};
const track = (handler: string, editsMatter: boolean) => ({
  handler,
  timescale: 1000,
  edits: [],
  editsMatter,
  sampleEntry: undefined,
  colr: undefined,
});

const nothing: Measures = {
  structure: undefined,
  docType: undefined,
  packets: undefined,
  bitstream: undefined,
  interlace: undefined,
  loudnessLufs: undefined,
};
const all: Measures = {
  ...nothing,
  structure,
  packets: { video: packets, audio: { packets: 470, bytes: 160_000, spanSec: 10 } },
  bitstream: { cabac: true, allIdr: true },
};
const video = (over: Partial<VideoStream>, measures: Partial<Measures> = {}) =>
  measuredFacts(media(over), { ...all, ...measures });
const withPackets = (over: Partial<VideoPackets>) => ({
  packets: { video: { ...packets, ...over }, audio: undefined },
});

describe('measured facts', () => {
  it('has a fact for every measure', () => {
    expect(measuredFacts(media(), all)).toEqual({
      container: 'mp4',
      bytes: 5_000_000,
      durationSec: 10.01,
      moovAtFront: true,
      hasEditList: false,
      fragmented: false,
      videoCodec: 'h264',
      profile: 'High',
      cabac: true,
      maxBFrames: 2,
      closedGop: true,
      keyframeSec: 2.002,
      codecTag: 'avc1',
      videoKbps: 3200,
      width: 1920,
      height: 1080,
      sampleAspect: 1,
      frameRate: 30000 / 1001,
      constantFrameRate: true,
      progressive: true,
      pixelFormat: 'yuv420p',
      bitDepth: 8,
      colour: { range: 'tv', primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' },
      hdr: false,
      rotationMatrix: false,
      hasAudio: true,
      audioCodec: 'aac',
      audioProfile: 'LC',
      channels: 2,
      sampleRate: 48000,
      audioKbps: 128,
      loudnessLufs: undefined,
    });
  });

  it('guesses nothing that was not measured, and says so rule by rule', () => {
    const facts = measuredFacts(media({ fieldOrder: undefined }), nothing);
    for (const key of ['moovAtFront', 'hasEditList', 'closedGop', 'cabac', 'maxBFrames', 'keyframeSec'] as const)
      expect(facts[key], key).toBeUndefined();
    for (const key of ['constantFrameRate', 'progressive', 'loudnessLufs'] as const)
      expect(facts[key], key).toBeUndefined();
    const youtube = findPlatform('youtube').found;
    const verdicts = youtube ? judge(youtube, facts) : [];
    const unknown = verdicts.filter(({ verdict }) => verdict === 'unknown');
    expect(unknown.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['closed_gop', 'cabac', 'progressive']));
    expect(unknown.every(({ found }) => found === 'not known')).toBe(true);
  });

  it('tells containers apart that ffmpeg calls the same', () => {
    const mp4 = (majorBrand: string | undefined) =>
      containerOf(media(), { ...nothing, structure: { ...structure, majorBrand } });
    expect(mp4('isom')).toBe('mp4');
    expect(mp4('M4V ')).toBe('mp4');
    expect(mp4('qt  ')).toBe('mov');
    expect(mp4(undefined)).toBe('mov');
    expect(mp4('3gp5')).toBe('3gp');
    const mkv = media({}, { format: 'matroska,webm' });
    expect(containerOf(mkv, { ...nothing, docType: 'webm' })).toBe('webm');
    expect(containerOf(mkv, { ...nothing, docType: 'matroska' })).toBe('mkv');
    expect(containerOf(media({}, { format: 'mxf' }), nothing)).toBe('mxf');
    expect(containerOf(media({}, { format: 'mpegts' }), nothing)).toBe('mpegts');
  });

  it('counts edit lists of picture and sound only where they change what is played', () => {
    const edits = (...tracks: readonly ReturnType<typeof track>[]) =>
      measuredFacts(media(), { ...all, structure: { ...structure, tracks } }).hasEditList;
    expect(edits(track('vide', false), track('soun', true))).toBe(true);
    expect(edits(track('vide', false), track('soun', false))).toBe(false);
    expect(edits(track('vide', false), track('tmcd', true))).toBe(false);
  });

  it('shows the picture as it is displayed', () => {
    const turned = video({ rotation: 90, hasRotationMatrix: true, sampleAspect: { num: 4, den: 3 } });
    expect(turned).toMatchObject({ width: 1080, height: 1920, sampleAspect: 0.75, rotationMatrix: true });
  });
});

describe('closed GOPs', () => {
  const reaching = { ...withPackets({ leadingPictures: 3 }), bitstream: { cabac: true, allIdr: false } };
  const notReaching = { ...withPackets({ leadingPictures: 0 }), bitstream: { cabac: true, allIdr: false } };

  it('are closed by IDR keyframes, leading pictures or not', () => {
    const bitstream = { cabac: undefined, allIdr: true };
    expect(video({ codec: 'hevc' }, { ...withPackets({ leadingPictures: 2 }), bitstream }).closedGop).toBe(true);
  });

  it('are open where pictures before a keyframe hang on what came earlier', () => {
    expect(video({}, reaching).closedGop).toBe(false);
    expect(video({ codec: 'hevc' }, reaching).closedGop).toBe(false);
  });

  it('stay unknown where H.264 does not say, and are closed in H.265, whose keyframes always do', () => {
    expect(video({}, notReaching).closedGop).toBeUndefined();
    expect(video({ codec: 'hevc' }, notReaching).closedGop).toBe(true);
    expect(video({}, { bitstream: undefined }).closedGop).toBeUndefined();
  });

  it('are closed by nature in VP9, AV1 and codecs of whole pictures', () => {
    for (const codec of ['vp9', 'av1', 'prores', 'dnxhd'])
      expect(video({ codec }, { ...withPackets({ leadingPictures: undefined }), bitstream: undefined }).closedGop).toBe(
        true,
      );
    expect(video({ codec: 'mpeg2video' }, withPackets({ leadingPictures: 2 })).closedGop).toBeUndefined();
  });
});

describe('cadence, fields and entropy coding', () => {
  it('allows for rounded timestamps, and for nothing more', () => {
    expect(video({}, withPackets({ minStepSec: 0.033, maxStepSec: 0.034 })).constantFrameRate).toBe(true);
    expect(video({}, withPackets({ maxStepSec: 0.066733 })).constantFrameRate).toBe(false);
    expect(video({}, withPackets({ minStepSec: 0.02 })).constantFrameRate).toBe(false);
    expect(video({}, withPackets({ packets: 1, frameRate: undefined })).constantFrameRate).toBeUndefined();
  });

  it('believes the packets where the stated rate is another', () => {
    expect(video({}, withPackets({ frameRate: 24.2 })).frameRate).toBe(24.2);
    expect(measuredFacts(media({ averageRate: { num: 12, den: 1 } }), nothing).frameRate).toBe(12);
  });

  it('asks the pictures where the stream does not say whether it has fields', () => {
    const found = (interlaced: boolean, judged = 50) => ({ interlace: { interlaced, confidence: 1, judged } });
    expect(video({ fieldOrder: 'tt' }).progressive).toBe(false);
    expect(video({ fieldOrder: undefined }, found(true)).progressive).toBe(false);
    expect(video({ fieldOrder: undefined }, found(false)).progressive).toBe(true);
    expect(video({ fieldOrder: undefined }, found(true, 0)).progressive).toBeUndefined();
    expect(video({ fieldOrder: undefined, codec: 'vp9' }).progressive).toBe(true);
  });

  it('needs no look into the stream to know that Baseline has no CABAC', () => {
    expect(video({ profile: 'Constrained Baseline' }, { bitstream: undefined }).cabac).toBe(false);
    expect(video({ codec: 'hevc' }).cabac).toBeUndefined();
  });

  it('takes PQ, HLG and Dolby Vision for HDR, and what says nothing for SDR', () => {
    const transfer = (name: string | undefined) => video({ colour: { ...film.colour, transfer: name } }).hdr;
    expect([transfer('smpte2084'), transfer('arib-std-b67'), transfer(undefined)]).toEqual([true, true, false]);
    expect(video({ hdr: { ...film.hdr, dolbyVision: true } }).hdr).toBe(true);
  });
});

it('a film without sound has none, and nothing else is said of it', () => {
  const facts = measuredFacts(media({}, { audio: [] }), all);
  expect(facts.hasAudio).toBe(false);
  expect(facts.audioCodec).toBeUndefined();
  expect(facts.audioKbps).toBeUndefined();
});
