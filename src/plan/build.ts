import { container as containerRow } from '../codecs/containers.ts';
import type { EncoderRow } from '../codecs/encoder-row.ts';
import { encoderRow } from '../codecs/video.ts';
import type { Issue } from '../model/errors.ts';
import type { MediaInfo } from '../model/media.ts';
import type { Comparison, Plan, Step } from '../model/plan.ts';
import { picturesSteps } from './burned-pictures.ts';
import { textStep } from './burned-text.ts';
import { clockArgs, clockStream, usedStreams } from './clock.ts';
import { containerArgs } from './container-args.ts';
import { coverArgs, coverSteps } from './cover.ts';
import { deviceArgs, envOf, sessionsOf, witnessArgs } from './device-chain.ts';
import { estimateBytes } from './estimate.ts';
import { expectationOf } from './expectation.ts';
import { videoChain } from './filters.ts';
import { warningTexts } from './finding.ts';
import { INPUT_GUARD, inputArgs, sec } from './input-args.ts';
import { metadataArgs } from './metadata-args.ts';
import { copiedPicture, pictureArgs } from './picture-args.ts';
import type { ResolvedBurn, ResolvedExport, Timeline } from './resolved.ts';
import { soundArgs } from './sound-args.ts';
import { encodesStripped, NAMELESS } from './strip.ts';
import { subtitleFileInput } from './subtitle-file.ts';
import { cutSubtitleArgs, cutsSubtitles, subtitleInput, subtitleMaps, subtitleSteps } from './subtitle-part.ts';
import { thumbnailPlan } from './thumbnails.ts';
import { naturalRate } from './timeline.ts';
import { chapterFile } from './tracks.ts';

const CHAPTER_FILE = 'chapters.ffmeta';

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

function textArgs(resolved: ResolvedExport): readonly string[] {
  if (cutsSubtitles(resolved)) return cutSubtitleArgs(resolved, moreInputs(resolved).text);
  return subtitleMaps(resolved, moreInputs(resolved).text);
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
  const source = inputArgs(resolved);
  const inputs = [...source, ...moreInputs(resolved).args];
  const witness = witnessArgs(resolved, source, inputs.filter((arg) => arg === '-i').length);
  return {
    id: 'encode',
    stage: 'encoding',
    args: [
      ...(row ? deviceArgs(resolved.video) : []),
      ...inputs,
      ...witness.input,
      ...(row ? pictureArgs(resolved, row, media, pass) : copiedPicture(resolved, media)),
      ...cover.stream,
      ...soundArgs(resolved, media, moreInputs(resolved).silence),
      ...textArgs(resolved),
      ...extras.attachments.flatMap((index) => ['-map', `0:${index}`]),
      ...(extras.attachments.length > 0 ? ['-c:t', 'copy'] : []),
      ...cover.attach,
      ...metadataArgs(resolved, media),
      ...containerArgs(resolved, media),
      product,
      ...clockArgs(media, usedStreams(resolved)),
      ...witness.output,
    ],
    ...envOf(row),
    ...sessionsOf(resolved.video),
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
      ...soundArgs(resolved, media, moreInputs(resolved).silence),
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
  const thumbnails = thumbnailPlan(resolved, media);
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
    ...(thumbnails ? { thumbnails } : {}),
  };
}
