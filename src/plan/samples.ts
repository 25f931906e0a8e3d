import { encoderRow } from '../codecs/video.ts';
import type { MediaInfo } from '../model/media.ts';
import { formatRational } from '../model/rational.ts';
import { chainEnd, deviceArgs, filteredInSoftware } from './device-chain.ts';
import { heardSec } from './estimate.ts';
import { audioChain, videoChain } from './filters.ts';
import { sec } from './input-args.ts';
import { encoderArgs } from './picture-args.ts';
import { meterGraph, type VmafWish } from './quality-graph.ts';
import type { ResolvedExport, Timeline } from './resolved.ts';
import { areWhole, type Part } from './sample-parts.ts';
import { partReadings, partsGraph } from './sample-readings.ts';
import { soundArgs, soundEncoder } from './sound-args.ts';
import { spread } from './spread.ts';
import { naturalRate } from './timeline.ts';

/** Sound is much the same all along: more parts of it cost more than they tell (12 of 2 s: 0.64 s, 6 of them: 0.37 s). */
const MOST_SOUND_PARTS = 6;
/** Packets of the sample encode, one line each. */
export const SAMPLE_PACKETS = 'packets.txt';
/** Those of the sound. */
export const SOUND_PACKETS = 'sound.txt';

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
  const readings = partReadings(resolved, media, parts);
  const chain = (timeline: Timeline): string =>
    [
      videoChain(video, timeline, stream ? naturalRate(stream, media) : undefined, undefined),
      // Where no picture follows, the last one is repeated for as long as was read.
      ...(areWhole(parts, resolved) ? [] : [`trim=end=${sec(timeline.durationSec - 0.005)}`]),
    ].join(',');
  const graph = partsGraph(readings, { kind: 'v', index: video.index, firstInput, chain, end, label });
  return { inputs: readings.flatMap(({ args }) => args), graph };
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
  const { audio } = resolved;
  if (audio.length === 0 || areWhole(parts, resolved)) return undefined;
  const audible = parts.filter(({ fromSec, durationSec }) =>
    audio.every((track) => fromSec + durationSec <= heardSec(resolved, track, media)),
  );
  const places = spread(Math.min(audible.length, MOST_SOUND_PARTS), audible.length);
  const heard = places.flatMap((at) => audible[at] ?? []);
  if (heard.length === 0 || audio.some(({ silent, encoder }) => silent || encoder === 'copy')) return undefined;
  const readings = partReadings(resolved, media, heard);
  const graph = audio.map((track, k) => {
    const chain = (timeline: Timeline): string => audioChain(track, timeline, false);
    return partsGraph(readings, { kind: 'a', index: track.index, firstInput: 0, chain, end: '', label: `[sound${k}]` });
  });
  const args = [
    ...readings.flatMap(({ args }) => args),
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
