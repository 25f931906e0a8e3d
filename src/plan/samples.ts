import { encoderRow } from '../codecs/video.ts';
import type { MediaInfo } from '../model/media.ts';
import { formatRational, valueOf } from '../model/rational.ts';
import { chainEnd, deviceArgs, filteredInSoftware } from './device-chain.ts';
import { heardSec } from './estimate.ts';
import { audioChain, videoChain } from './filters.ts';
import { INPUT_GUARD } from './input-args.ts';
import { encoderArgs } from './picture-args.ts';
import { meterGraph, type VmafWish } from './quality-graph.ts';
import type { ResolvedExport, Timeline } from './resolved.ts';
import { soundArgs, soundEncoder } from './sound-args.ts';
import { spread } from './spread.ts';
import { naturalRate } from './timeline.ts';

/** A stretch of the output's own time line, seconds. */
export interface Part {
  readonly fromSec: number;
  readonly durationSec: number;
}

/**
 * Up to this length the whole film is encoded: samples of it would cost nearly as much and tell less (34.5 s of film with
 * keyframes far apart: samples took 71 to 80 % of the export's own time). Seconds.
 */
const WHOLE_SEC = 45;
/** A sample is a GOP: it pays for one keyframe, as the film does. */
const GOP_SEC = 2;
const SHARE = { ofFilm: 0.165, leastSec: 16, mostSec: 34 } as const;
/** Sound is much the same all along: more parts of it cost more than they tell (12 of 2 s: 0.64 s, 6 of them: 0.37 s). */
const MOST_SOUND_PARTS = 6;
/** How far beyond a part's end its source is read: the picture that follows tells how long the last one stands. */
export const READ_ON_SEC = 0.5;
/** Packets of the sample encode, one line each. */
export const SAMPLE_PACKETS = 'packets.txt';
/** Those of the sound. */
export const SOUND_PACKETS = 'sound.txt';

/**
 * The stretches that stand for the film: each as long as its GOPs are, evenly spread, in all a sixth of a short film
 * and at most 34 s of a long one: with what seeking decodes in vain that is some 7 % of ten minutes. The whole where that is as cheap.
 */
export function sampleParts({ timeline, video }: ResolvedExport): readonly Part[] {
  const { durationSec } = timeline;
  if (durationSec <= WHOLE_SEC) return [{ fromSec: 0, durationSec }];
  const fps = video.frameRate ? valueOf(video.frameRate) : 30;
  const gopSec = Math.ceil((video.gop.sec || GOP_SEC) * fps - 0.001) / fps;
  const inAll = Math.min(SHARE.mostSec, Math.max(SHARE.leastSec, durationSec * SHARE.ofFilm));
  const count = Math.max(2, Math.round(inAll / gopSec));
  const everySec = durationSec / count;
  const onFrame = (sec: number): number => Math.round(sec * fps) / fps;
  return Array.from({ length: count }, (_, n) => ({
    fromSec: onFrame((n + 0.5) * everySec - gopSec / 2),
    durationSec: gopSec,
  }));
}

export const areWhole = (parts: readonly Part[], { timeline }: ResolvedExport): boolean =>
  parts.length === 1 && parts[0]?.durationSec === timeline.durationSec;

function partTimeline(whole: Timeline, part: Part): Timeline {
  const atSec = whole.seekSec + whole.originSec + part.fromSec;
  const there = atSec > 0 ? { seekSec: atSec, originSec: 0 } : { seekSec: whole.seekSec, originSec: whole.originSec };
  return {
    ...there,
    startSec: whole.startSec + part.fromSec,
    durationSec: part.durationSec,
    cutStart: false,
    cutEnd: true,
    holdSec: 0,
  };
}

const secText = (value: number): string => value.toFixed(6);

interface PartInput {
  readonly timeline: Timeline;
  readonly args: readonly string[];
}

function partInputs(resolved: ResolvedExport, parts: readonly Part[]): readonly PartInput[] {
  const { decoder, index } = resolved.video;
  const whole = areWhole(parts, resolved);
  return parts.map((part) => {
    const timeline = whole ? resolved.timeline : partTimeline(resolved.timeline, part);
    const args = [
      ...INPUT_GUARD,
      ...(decoder ? [`-c:${index}`, decoder] : []),
      ...(timeline.seekSec > 0 ? ['-ss', secText(timeline.seekSec)] : []),
      ...(whole ? [] : ['-t', secText(part.durationSec + READ_ON_SEC)]),
      ...['-i', `file:${resolved.source}`],
    ];
    return { timeline, args };
  });
}

/** The pictures of the parts, one after the other, as the export would make them, in the graph's output `label`. */
export function sampleGraph(
  resolved: ResolvedExport,
  media: MediaInfo,
  parts: readonly Part[],
  label: string,
  { firstInput = 0, end = '' }: { readonly firstInput?: number; readonly end?: string } = {},
): { readonly inputs: readonly string[]; readonly graph: string } {
  const { video } = resolved;
  const stream = media.video.find((one) => one.index === video.index);
  const inputs = partInputs(resolved, parts);
  const chain = (timeline: Timeline): string =>
    [
      videoChain(video, timeline, stream ? naturalRate(stream, media) : undefined, undefined),
      // Where no picture follows, the last one is repeated for as long as was read.
      ...(areWhole(parts, resolved) ? [] : [`trim=end=${secText(timeline.durationSec - 0.005)}`]),
    ].join(',');
  const single = inputs.length === 1;
  const chains = inputs.map(
    ({ timeline }, n) =>
      `[${n + firstInput}:${video.index}]${chain(timeline)}${single ? `${end}${label}` : `[part${n}]`}`,
  );
  const joined = single
    ? []
    : [`${inputs.map((_, n) => `[part${n}]`).join('')}concat=n=${inputs.length}${end}${label}`];
  return { inputs: inputs.flatMap(({ args }) => args), graph: [...chains, ...joined].join(';') };
}

/** Of a whole film the sound is encoded with the picture: what encoders make of a rate depends on what they hear. Silence that is made up is left to arithmetic. */
export const withSound = (resolved: ResolvedExport, parts: readonly Part[]): boolean =>
  areWhole(parts, resolved) && resolved.audio.length > 0 && !resolved.audio.some(({ silent }) => silent);

/**
 * The commands that encode the parts with the export's own settings, one after the other in one stream, in one or two
 * passes; the last one lists its packets in `SAMPLE_PACKETS`, and those of the sound of a whole film in `SOUND_PACKETS`.
 * Empty where nothing is encoded.
 */
export function sampleCommands(
  resolved: ResolvedExport,
  media: MediaInfo,
  parts: readonly Part[],
): readonly (readonly string[])[] {
  const row = encoderRow(resolved.video.encoder);
  if (!row) return [];
  const { inputs, graph } = sampleGraph(resolved, media, parts, '[picture]', { end: chainEnd(resolved.video, row) });
  const head = [
    ...deviceArgs(filteredInSoftware(resolved.video)),
    ...inputs,
    '-filter_complex',
    graph,
    '-map',
    '[picture]',
  ];
  const encode = (pass: 1 | 2 | undefined, end: readonly string[]) => [
    ...head,
    ...encoderArgs(resolved, row, pass),
    // As containers have it: the parameters once, not before each keyframe.
    ...['-flags:v', '+global_header', ...end],
  ];
  const sound = withSound(resolved, parts) ? [...soundArgs(resolved, media, 0), '-f', 'framecrc', SOUND_PACKETS] : [];
  const list = ['-f', 'framecrc', SAMPLE_PACKETS, ...sound];
  if (!resolved.video.twoPass) return [encode(undefined, list)];
  return [encode(1, ['-f', 'null', '-']), encode(2, list)];
}

/**
 * The command that encodes the sound of some parts of a longer film, by itself: beside the picture's graph ffmpeg 5.1 reads each
 * input on to the end of the source where a track ends before. `sec` of the film. Undefined where a track is copied, made up, or not heard in any part.
 */
export function soundSampleCommand(
  resolved: ResolvedExport,
  media: MediaInfo,
  parts: readonly Part[],
): { readonly args: readonly string[]; readonly sec: number } | undefined {
  const { audio, timeline } = resolved;
  if (audio.length === 0 || areWhole(parts, resolved)) return undefined;
  const audible = parts.filter(({ fromSec, durationSec }) =>
    audio.every((track) => fromSec + durationSec <= heardSec(resolved, track, media)),
  );
  const places = spread(Math.min(audible.length, MOST_SOUND_PARTS), audible.length);
  const heard = places.flatMap((at) => audible[at] ?? []);
  if (heard.length === 0 || audio.some(({ silent, encoder }) => silent || encoder === 'copy')) return undefined;
  const graph = audio.flatMap((track, k) => {
    const labels = heard.map((_, n) => `[part${k}_${n}]`);
    const chains = heard.map(
      (part, n) => `[${n}:${track.index}]${audioChain(track, partTimeline(timeline, part), false)}${labels[n]}`,
    );
    return [...chains, `${labels.join('')}concat=n=${heard.length}:v=0:a=1[sound${k}]`];
  });
  const args = [
    ...partInputs(resolved, heard).flatMap(({ args }) => args),
    ...['-filter_complex', graph.join(';')],
    ...audio.flatMap((track, k) => ['-map', `[sound${k}]`, ...soundEncoder(track, k)]),
    ...['-f', 'framecrc', SOUND_PACKETS],
  ];
  return { args, sec: heard.reduce((sum, { durationSec }) => sum + durationSec, 0) };
}

/** The sample encode as a film, to be looked at. */
const SAMPLE_FILM = 'sample.mkv';

/** The commands that encode the parts by their constant quality, and measure what came against the parts themselves. */
export function sampleQualityCommands(
  resolved: ResolvedExport,
  media: MediaInfo,
  parts: readonly Part[],
  vmaf: VmafWish | undefined,
): readonly (readonly string[])[] {
  const { video } = resolved;
  const row = encoderRow(video.encoder);
  const rate = video.frameRate;
  if (!row || !rate) return [];
  const { inputs, graph } = sampleGraph(resolved, media, parts, '[picture]', { end: chainEnd(video, row) });
  const encode = [
    ...[...deviceArgs(filteredInSoftware(video)), ...inputs, '-filter_complex', graph, '-map', '[picture]'],
    ...[...encoderArgs(resolved, row, undefined), '-f', 'matroska', SAMPLE_FILM],
  ];
  const reference = sampleGraph(resolved, media, parts, '[parts]', { firstInput: 1 });
  const clock = `settb=AVTB,setpts=PTS-STARTPTS,fps=${formatRational(rate)},format=${video.pixelFormat}`;
  const meters = meterGraph(`[0:v:0]${clock}`, `[parts]${clock}`, vmaf);
  const measure = [
    ...['-i', SAMPLE_FILM, ...reference.inputs],
    ...['-filter_complex', [reference.graph, ...meters.graph].join(';'), ...meters.outputs],
  ];
  return [encode, measure];
}
