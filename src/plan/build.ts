import { audioCodec, audioCodecOfProbe } from '../codecs/audio.ts';
import { container as containerRow } from '../codecs/containers.ts';
import type { EncoderRow, EncodeSpec } from '../codecs/encoder-row.ts';
import { encoderRow } from '../codecs/video.ts';
import type { Issue } from '../model/errors.ts';
import type { MediaInfo, VideoStream } from '../model/media.ts';
import { isFormat, JUMPING_FORMATS } from '../model/media-formats.ts';
import type { Comparison, Plan, Step } from '../model/plan.ts';

import { picturesSteps } from './burned-pictures.ts';
import { textStep } from './burned-text.ts';
import { coverArgs, coverSteps } from './cover.ts';
import { estimateBytes } from './estimate.ts';
import { expectationOf } from './expectation.ts';
import { audioChain, videoChain } from './filters.ts';
import { warningTexts } from './finding.ts';
import { renamedLanguage } from './languages.ts';
import { placeTags } from './place-tags.ts';
import type { ColourPlan, ResolvedAudio, ResolvedBurn, ResolvedExport, Timeline } from './resolved.ts';
import { encodesStripped, NAMELESS } from './strip.ts';
import { subtitleFileInput } from './subtitle-file.ts';
import { cutSubtitleArgs, cutsSubtitles, subtitleInput, subtitleMaps, subtitleSteps } from './subtitle-part.ts';
import { naturalRate } from './timeline.ts';
import { chapterFile } from './tracks.ts';

/** Demuxers may open files only: no name or list inside a source reaches the network or another protocol. */
export const INPUT_GUARD = ['-protocol_whitelist', 'file'] as const;
const CLOCK_SLACK_SEC = 0.001;
const CHAPTER_FILE = 'chapters.ffmeta';
const PASS_LENGTH_PLACES = 6;
const sec = (value: number): string => String(Math.round(value * 10 ** PASS_LENGTH_PLACES) / 10 ** PASS_LENGTH_PLACES);

function inputArgs(resolved: ResolvedExport): readonly string[] {
  const { seekSec } = resolved.timeline;
  const { decoder, index } = resolved.video;
  return [
    ...INPUT_GUARD,
    ...(decoder ? [`-c:${index}`, decoder] : []),
    ...(seekSec > 0 ? ['-ss', sec(seekSec)] : []),
    '-i',
    `file:${resolved.source}`,
  ];
}

/**
 * Of a transport stream ffmpeg counts from the first packet of the streams that are in use (5.1.9: "Correcting start
 * time"), and the plan from the first packet of all: where that one is not among the used, it is read for the clock only.
 */
function clockStream(media: MediaInfo, used: readonly number[]): number | undefined {
  if (!isFormat(media.format, JUMPING_FORMATS)) return undefined;
  const streams = [...media.video, ...media.audio];
  const startSec = Math.min(...streams.map((stream) => stream.startSec));
  const firsts = streams.filter((stream) => stream.startSec <= startSec + CLOCK_SLACK_SEC);
  return firsts.some(({ index }) => used.includes(index)) ? undefined : firsts[0]?.index;
}

function clockArgs(media: MediaInfo, used: readonly number[]): readonly string[] {
  const index = clockStream(media, used);
  return index === undefined ? [] : ['-map', `0:${index}`, '-c', 'copy', '-f', 'null', '-'];
}

const usedStreams = ({ video, audio }: ResolvedExport): readonly number[] => [
  video.index,
  ...audio.filter(({ silent }) => !silent).map(({ index }) => index),
];

function encodeSpec(resolved: ResolvedExport, pass: 1 | 2 | undefined): EncodeSpec {
  const { video, container } = resolved;
  const { to } = video.colour;
  return {
    rate: video.rate,
    speed: video.speed,
    width: video.geometry.width,
    height: video.geometry.height,
    frameRate: video.frameRate,
    pixelFormat: video.pixelFormat,
    gop: video.gop,
    colour: to,
    hdr: video.colour.hdr,
    container,
    threads: video.threads,
    pass,
    custom: video.custom,
  };
}

/** ffmpeg's option spells these two otherwise than ffprobe does. */
const TRANSFER_OPTION: Readonly<Record<string, string>> = { bt470bg: 'gamma28', bt470m: 'gamma22' };

function colourArgs({ video }: ResolvedExport): readonly string[] {
  const { to } = video.colour;
  return [
    '-color_range',
    to.range,
    '-color_primaries',
    to.primaries,
    '-color_trc',
    TRANSFER_OPTION[to.transfer] ?? to.transfer,
    '-colorspace',
    to.matrix,
  ];
}

const passesOnWrongly = ({ hdr }: VideoStream, colour: ColourPlan): boolean =>
  hdr.dolbyVision || (hdr.inContainer && colour.hdr === undefined);

/**
 * ffmpeg hands what a container says of a stream on to the stream made of it, mastering display and content light of
 * HDR too, which pictures in SDR must not have, and Dolby Vision, which no encode has (measured with 5.1.9). A stream out of a graph with two inputs comes from
 * none: the second is thrown away, and the tags are fetched.
 */
const detached = (index: number, chain: string): readonly string[] => [
  ...['-filter_complex', `[0:${index}]nullsink;[0:${index}]${chain}[picture]`, '-map', '[picture]'],
  ...['-map_metadata:s:v:0', `0:s:${index}`],
];

function pictureArgs(
  resolved: ResolvedExport,
  row: EncoderRow,
  media: MediaInfo,
  pass: 1 | 2 | undefined,
): readonly string[] {
  const { video, timeline } = resolved;
  const stream = media.video.find((one) => one.index === video.index);
  const chain = videoChain(video, timeline, stream ? naturalRate(stream, media) : undefined, resolved.burn);
  const map =
    stream && passesOnWrongly(stream, video.colour)
      ? detached(video.index, chain)
      : ['-map', `0:${video.index}`, '-filter:v:0', chain];
  return [...map, ...encoderArgs(resolved, row, pass, coverArgs(resolved, media).stream.length > 0)];
}

/** The encoder with all that is said to it, for pictures that come out of the export's chain. */
export function encoderArgs(
  resolved: ResolvedExport,
  row: EncoderRow,
  pass: 1 | 2 | undefined,
  amongOthers = false,
): readonly string[] {
  const { video } = resolved;
  const own = row.args(encodeSpec(resolved, pass));
  return [
    // The fps filter already made the rate; the encoder must neither add nor drop a frame.
    '-fps_mode:v',
    'passthrough',
    ...(video.frameRate ? ['-enc_time_base:v', `${video.frameRate.den}:${video.frameRate.num}`] : []),
    ...(amongOthers ? forStream(own, 'v', 0) : own),
    '-pix_fmt:v:0',
    video.pixelFormat,
    ...colourArgs(resolved),
    ...(row.forcesKeyframes ? ['-force_key_frames:v', `expr:gte(t,n_forced*${sec(video.gop.sec)})`] : []),
  ];
}

/** Options meant for one stream only: `-b:a` becomes `-b:a:1`. */
function forStream(args: readonly string[], kind: 'v' | 'a', n: number): readonly string[] {
  return args.map((arg) => (/^-[a-z]/i.test(arg) ? `${arg.replace(/:[va]$/, '')}:${kind}:${n}` : arg));
}

/** The inputs beside the source, in their order: what `-map` counts. */
function moreInputs(resolved: ResolvedExport): {
  readonly args: readonly string[];
  readonly silence: number;
  readonly text: number;
} {
  const { extras, audio, timeline } = resolved;
  // What is stripped has no chapters: there is one such file at most.
  const [words] = [
    ...(extras.chapters === 'shift' ? [CHAPTER_FILE] : []),
    ...(encodesStripped(resolved) ? [NAMELESS.file] : []),
  ];
  const chapters = words ? ['-f', 'ffmetadata', '-i', words] : [];
  const track = audio.find(({ silent }) => silent);
  const silence = track && [
    ...['-f', 'lavfi', '-i'],
    `anullsrc=channel_layout=${track.layout ?? 'stereo'}:sample_rate=${track.sampleRate}:duration=${sec(timeline.durationSec)}`,
  ];
  const silenceAt = chapters.length > 0 ? 2 : 1;
  return {
    args: [
      ...chapters,
      ...(silence ?? []),
      ...(cutsSubtitles(resolved) ? subtitleInput(resolved) : subtitleFileInput(resolved)),
    ],
    silence: silenceAt,
    text: silence ? silenceAt + 1 : silenceAt,
  };
}

/** Apple's players open H.265 by this name only; ffmpeg gives another to what comes out of Matroska. */
function copiedPicture({ video, container }: ResolvedExport, media: MediaInfo): readonly string[] {
  const isHevc = media.video.some(({ index, codec }) => index === video.index && codec === 'hevc');
  const tag = isHevc && (container === 'mp4' || container === 'mov') ? ['-tag:v', 'hvc1'] : [];
  return ['-map', `0:${video.index}`, '-c:v', 'copy', ...tag];
}

/**
 * Matroska leaves out how long a packet lasts, and ffmpeg knows it only of some codecs: MOV's last packet would last no
 * time, and its edit list cuts it off (measured with ALAC: 61 of 1000 ms lost). A packet lasts as long as the one before.
 */
const LASTING = "setts=duration='if(gt(DURATION,0),DURATION,if(N,PTS-PREV_INPTS,0))'";

function copiedSound(track: ResolvedAudio, n: number, { container }: ResolvedExport, media: MediaInfo) {
  const lasts = /matroska/.test(media.format) && (container === 'mp4' || container === 'mov');
  return ['-map', `0:${track.index}`, `-c:a:${n}`, 'copy', ...(lasts ? [`-bsf:a:${n}`, LASTING] : [])];
}

function soundArgs(resolved: ResolvedExport, media: MediaInfo): readonly string[] {
  return resolved.audio.flatMap((track, n) => {
    if (track.encoder === 'copy') return copiedSound(track, n, resolved, media);
    const row = audioCodec(track.codec);
    const own = row?.args({ kbps: track.kbps, bits: track.bits, channels: track.channels }) ?? [];
    const from = track.silent
      ? ['-map', `${moreInputs(resolved).silence}:a:0`]
      : [...['-map', `0:${track.index}`, `-filter:a:${n}`], audioChain(track, resolved.timeline, resolved.noEditList)];
    return [...from, `-c:a:${n}`, track.encoder, ...forStream(own, 'a', n)];
  });
}

function textArgs(resolved: ResolvedExport): readonly string[] {
  if (cutsSubtitles(resolved)) return cutSubtitleArgs(resolved, moreInputs(resolved).text);
  return subtitleMaps(resolved, moreInputs(resolved).text);
}

function metadataArgs(resolved: ResolvedExport, media: MediaInfo): readonly string[] {
  const { extras, audio, video } = resolved;
  const chapters = extras.chapters === 'shift' ? '1' : extras.chapters === 'keep' ? '0' : '-1';
  const args = ['-map_chapters', chapters];
  if (extras.metadata === 'strip') {
    return [
      ...args,
      '-map_metadata',
      '-1',
      '-map_metadata:s',
      encodesStripped(resolved) ? '1:s:0' : '-1',
      '-fflags',
      '+bitexact',
      '-flags:v',
      '+bitexact',
      '-flags:a',
      '+bitexact',
    ];
  }
  const tags = extras.metadata === 'drop-location' ? placeTags(media).flatMap((tag) => ['-metadata', `${tag}=`]) : [];
  const dispositions =
    audio.length > 1 && !audio.some((track) => track.isDefault) ? ['-disposition:a:0', 'default'] : [];
  const timecode = extras.timecode
    ? ['-timecode', extras.timecode]
    : resolved.container === 'mov' || resolved.container === 'mp4'
      ? ['-write_tmcd', '0']
      : [];
  return [
    ...args,
    '-map_metadata',
    '0',
    ...tags,
    ...languageArgs(resolved, media),
    ...dispositions,
    ...timecode,
    ...(video.codec === 'copy' ? [] : ['-metadata:s:v:0', 'encoder=']),
  ];
}

/** Languages that the container's writer knows by another name. */
function languageArgs({ audio, subtitles, container }: ResolvedExport, media: MediaInfo): readonly string[] {
  const args = (kind: 'a' | 's', languages: readonly (string | undefined)[]) =>
    languages.flatMap((language, n) => {
      const name = renamedLanguage(container, language);
      return name === undefined ? [] : [`-metadata:s:${kind}:${n}`, `language=${name}`];
    });
  const texts = subtitles.map(({ index }) => media.subtitles.find((track) => track.index === index)?.language);
  return [
    ...args(
      'a',
      audio.map(({ language }) => language),
    ),
    ...args('s', texts),
  ];
}

/** A codec that the muxer calls experimental here, whether it is encoded or copied. */
function isExperimental({ audio, container }: ResolvedExport, media: MediaInfo): boolean {
  return audio.some((track) => {
    const copied = media.audio.find(({ index }) => index === track.index)?.codec ?? '';
    const row = track.codec === 'copy' ? audioCodecOfProbe(copied) : audioCodec(track.codec);
    return row?.experimentalIn?.some((id) => id === container);
  });
}

/** MP4's record of Dolby Vision, which is Dolby's and not ISO's, is written on request only. */
const keepsDolbyVision = ({ video, container }: ResolvedExport, media: MediaInfo): boolean =>
  video.codec === 'copy' &&
  container === 'mp4' &&
  media.video.some(({ index, hdr }) => index === video.index && hdr.dolbyVision);

function containerArgs(resolved: ResolvedExport, media: MediaInfo): readonly string[] {
  const { container, fragmented, noEditList, timeline, video } = resolved;
  const row = containerRow(container);
  const isMp4 = container === 'mp4' || container === 'mov';
  const flags = [
    ...(fragmented ? ['frag_keyframe', 'delay_moov', 'default_base_moof'] : ['faststart']),
    'write_colr',
    ...(noEditList ? ['negative_cts_offsets'] : []),
  ];
  const timescale = video.frameRate
    ? video.frameRate.num * Math.max(1, Math.ceil(10_000 / video.frameRate.num))
    : undefined;
  return [
    ...(isExperimental(resolved, media)
      ? ['-strict', '-2']
      : keepsDolbyVision(resolved, media)
        ? ['-strict', '-1']
        : []),
    ...(isMp4 ? ['-movflags', `+${flags.join('+')}`] : []),
    ...(isMp4 && noEditList ? ['-use_editlist', '0'] : []),
    // A multiple of the rate keeps 23.976 and 29.97 exact (trap 21).
    ...(isMp4 && timescale ? ['-video_track_timescale', `${timescale}`] : []),
    ...(timeline.cutEnd ? ['-t', sec(timeline.durationSec)] : []),
    '-max_muxing_queue_size',
    '4096',
    '-f',
    row?.muxer ?? container,
  ];
}

function finalStep(
  resolved: ResolvedExport,
  media: MediaInfo,
  row: EncoderRow | undefined,
  pass: 2 | undefined,
  product: string,
): Step {
  const { extras } = resolved;
  const cover = coverArgs(resolved, media);
  return {
    id: 'encode',
    stage: 'encoding',
    args: [
      ...inputArgs(resolved),
      ...moreInputs(resolved).args,
      ...(row ? pictureArgs(resolved, row, media, pass) : copiedPicture(resolved, media)),
      ...cover.stream,
      ...soundArgs(resolved, media),
      ...textArgs(resolved),
      ...extras.attachments.flatMap((index) => ['-map', `0:${index}`]),
      ...(extras.attachments.length > 0 ? ['-c:t', 'copy'] : []),
      ...cover.attach,
      ...metadataArgs(resolved, media),
      ...containerArgs(resolved, media),
      product,
      ...clockArgs(media, usedStreams(resolved)),
    ],
    ...(row?.env ? { env: row.env } : {}),
    mediaSec: resolved.timeline.durationSec,
    writes: [product],
    readsSource: true,
  };
}

/** Everything but the picture, to know what it takes: undefined where there is nothing but the picture. */
function besideStep(resolved: ResolvedExport, media: MediaInfo): Step | undefined {
  if (resolved.audio.length + resolved.subtitles.length === 0) return undefined;
  const name = `beside.${containerRow(resolved.container)?.extensions[0] ?? resolved.container}`;
  return {
    id: 'beside',
    stage: 'audio',
    args: [
      ...inputArgs(resolved),
      ...moreInputs(resolved).args,
      ...soundArgs(resolved, media),
      ...textArgs(resolved),
      ...['-map_metadata', '-1'],
      ...containerArgs(resolved, media),
      name,
    ],
    mediaSec: resolved.timeline.durationSec,
    writes: [name],
    readsSource: true,
    observed: { kbps: 0 },
  };
}

/** How much of the stage's progress the n-th try makes: most films take one or two. */
const shareOf = (n: number): readonly [number, number] => [1 - 0.3 ** (n - 1), 1 - 0.3 ** n];

/** The n-th encode for a size, with its first pass where it is the first. The step that is weighed is the last. */
export function sizedEncode(resolved: ResolvedExport, media: MediaInfo, n: number): readonly Step[] {
  const { video, container } = resolved;
  const row = encoderRow(video.encoder);
  if (!row || video.rate.mode === 'crf' || video.rate.mode === 'flavour') return [];
  const product = `try-${n}.${containerRow(container)?.extensions[0] ?? container}`;
  const encode = finalStep(resolved, media, row, video.twoPass ? 2 : undefined, product);
  const weighed: Step = { ...encode, observed: { kbps: video.rate.kbps }, share: shareOf(n) };
  return video.twoPass && n === 1 ? [firstPass(resolved, media, row), weighed] : [weighed];
}

function filmSteps(resolved: ResolvedExport, media: MediaInfo, row: EncoderRow | undefined, product: string) {
  const two = resolved.video.twoPass && row !== undefined;
  if (resolved.targetBytes !== undefined) {
    const beside = besideStep(resolved, media);
    return [...(beside ? [beside] : []), ...sizedEncode(resolved, media, 1)];
  }
  const film = finalStep(resolved, media, row, two ? 2 : undefined, product);
  return [
    ...(two ? [firstPass(resolved, media, row)] : []),
    resolved.maxBytes === undefined ? film : { ...film, observed: { kbps: 0 } },
  ];
}

function firstPass(resolved: ResolvedExport, media: MediaInfo, row: EncoderRow): Step {
  const { timeline } = resolved;
  return {
    id: 'pass-1',
    stage: 'first_pass',
    args: [
      ...inputArgs(resolved),
      ...pictureArgs(resolved, row, media, 1),
      ...(timeline.cutEnd ? ['-t', sec(timeline.durationSec)] : []),
      '-an',
      '-sn',
      '-dn',
      '-f',
      'null',
      '-',
      ...clockArgs(media, [resolved.video.index]),
    ],
    mediaSec: timeline.durationSec,
    writes: row.twoPass ?? [],
    readsSource: true,
  };
}

const burnSteps = (burn: ResolvedBurn, timeline: Timeline, input: readonly string[]): readonly Step[] =>
  burn.kind === 'text' ? [textStep(burn, timeline, input)] : picturesSteps(burn, timeline, input);

function comparisonOf(resolved: ResolvedExport, media: MediaInfo): Comparison | undefined {
  const { video, timeline } = resolved;
  if (!video.frameRate) return undefined;
  const stream = media.video.find((one) => one.index === video.index);
  const chain = videoChain(video, timeline, stream ? naturalRate(stream, media) : undefined, resolved.burn);
  const clock = clockStream(media, usedStreams(resolved));
  const sound = usedStreams(resolved).slice(1);
  const beside = clock === undefined ? sound : [...sound, clock];
  return {
    reference: { inputArgs: inputArgs(resolved), stream: `${video.index}`, chain, beside },
    rate: video.frameRate,
    pixelFormat: video.pixelFormat,
    colour: video.colour.to,
  };
}

/** Writes a resolved export as the commands that make it, with what must come out. Pure. */
export function buildPlan(resolved: ResolvedExport, media: MediaInfo, issues: readonly Issue[]): Plan {
  const { video, container, extras } = resolved;
  const row = video.codec === 'copy' ? undefined : encoderRow(video.encoder);
  const product = `output.${containerRow(container)?.extensions[0] ?? container}`;
  const two = video.twoPass && row !== undefined;
  const film = filmSteps(resolved, media, row, product);
  const chapters = extras.chapters === 'shift' ? chapterFile(media, resolved.timeline) : undefined;
  const wholeSource = [...INPUT_GUARD, '-i', `file:${resolved.source}`];
  return {
    source: resolved.source,
    texts: {
      ...(chapters ? { [CHAPTER_FILE]: chapters.text } : {}),
      ...(encodesStripped(resolved) ? { [NAMELESS.file]: NAMELESS.text } : {}),
    },
    steps: [
      ...(cutsSubtitles(resolved) ? subtitleSteps(resolved, wholeSource) : []),
      ...(resolved.burn ? burnSteps(resolved.burn, resolved.timeline, wholeSource) : []),
      ...coverSteps(resolved, media, wholeSource),
      ...film,
    ],
    product: film.at(-1)?.writes[0] ?? product,
    destination: resolved.destination,
    expectation: expectationOf(resolved, media),
    settings: resolved.settings,
    settingsFrom: resolved.settingsFrom,
    warnings: warningTexts(issues),
    estimatedBytes: estimateBytes(resolved, media),
    passes: two ? 2 : 1,
    comparison: row ? comparisonOf(resolved, media) : undefined,
  };
}
