import type { EncoderRow, Gop, Rate } from '../codecs/encoder-row.ts';
import { LEVELS } from '../codecs/levels.ts';
import type { VideoCodecRow } from '../codecs/video.ts';
import type { Issue } from '../model/errors.ts';
import type { MediaInfo, VideoStream } from '../model/media.ts';
import type { OptionValues } from '../model/option-values.ts';
import { type Rational, valueOf } from '../model/rational.ts';
import { type GoalRow, goalOf } from '../presets/goals.ts';
import { planColour } from './colour.ts';
import { copiedVideo } from './copied-video.ts';
import { planCrop } from './crop.ts';
import { readCustom } from './custom.ts';
import { withHardware } from './device-chain.ts';
import { warn, wrong } from './finding.ts';
import { planGeometry, type Size, turnedSize, turnOf } from './geometry.ts';
import { planMotion } from './motion.ts';
import { choosePixelFormat, keepsTenBits } from './pixel-format.ts';
import { planPasses, planRate } from './rate.ts';
import type { ColourPlan, Geometry, Limits, ResolvedVideo } from './resolved.ts';
import { chooseEncoder, encoderIssue } from './target.ts';
import { isConstantRate, naturalRate } from './timeline.ts';
import type { VideoContext, VideoDecision } from './video-context.ts';

function gopOf(rate: Rational, limits: Limits, goal: GoalRow | undefined): Gop {
  const sec = limits.gopSec ?? goal?.gopSec ?? 2;
  return {
    sec,
    frames: Math.max(1, Math.ceil(sec * valueOf(rate) - 1e-6)),
    ...(limits.bFrames === undefined ? {} : { bFrames: limits.bFrames }),
    ...(limits.h264Profile === 'high' || limits.cabac ? { fullHigh: true } : {}),
  };
}

function sizeIssues(
  codec: VideoCodecRow,
  geometry: Geometry,
  encoder: {
    readonly encoder: string;
    readonly minWidth: number;
    readonly minHeight: number;
    readonly maxWidth: number;
    readonly maxHeight: number;
  },
): readonly Issue[] {
  const { width, height } = geometry;
  if (width < encoder.minWidth || height < encoder.minHeight) {
    return [
      wrong(
        'picture_too_small',
        '--resolution',
        `${width}x${height} is too small for ${codec.name}: ${encoder.encoder} needs at least ${encoder.minWidth}x${encoder.minHeight}`,
        '--resolution with --upscale, or another codec',
      ),
    ];
  }
  if (width > encoder.maxWidth || height > encoder.maxHeight) {
    return [
      wrong(
        'picture_too_large',
        '--resolution',
        `${width}x${height} is too large for ${codec.name}: ${encoder.encoder} takes at most ${encoder.maxWidth}x${encoder.maxHeight}`,
        'a smaller --resolution',
      ),
    ];
  }
  return [];
}

/** kbps of the source's picture: its own statement, else what the file leaves after its sound. */
export function sourceVideoKbps(media: MediaInfo, stream: VideoStream): number | undefined {
  if (stream.bitrateKbps) return stream.bitrateKbps;
  if (!media.durationSec || media.durationSec <= 0) return undefined;
  const total = (media.bytes * 8) / 1000 / media.durationSec;
  return Math.max(1, total - media.audio.reduce((sum, track) => sum + (track.bitrateKbps ?? 0), 0));
}

/** More than this apart, the header counts pictures that its edit list hides. */
const HIDDEN_FRAMES = 2;

/** Pictures by the header's count, where that is what its length has room for. */
function shownFrames({ timeline, stream, media }: VideoContext): number | undefined {
  const room = timeline.durationSec * valueOf(naturalRate(stream, media));
  return stream.frames !== undefined && Math.abs(stream.frames - room) <= HIDDEN_FRAMES ? stream.frames : undefined;
}

function expectedFrames(context: VideoContext, rate: Rational): number | undefined {
  const { timeline, stream, media } = context;
  if (timeline.durationSec <= 0) return undefined;
  const whole = !timeline.cutEnd && !timeline.cutStart && timeline.holdSec === 0;
  const counted = media.scan?.videoPackets ?? shownFrames(context);
  const same =
    isConstantRate(stream, media) && Math.abs(valueOf(naturalRate(stream, media)) / valueOf(rate) - 1) < 1e-6;
  if (whole && same && counted) return counted;
  return Math.round(timeline.durationSec * valueOf(rate));
}

function colourOf(
  context: VideoContext,
  codec: VideoCodecRow,
  tenBits: boolean,
  size: Size,
): { readonly colour: ColourPlan; readonly issues: readonly Issue[] } {
  const { target, stream, limits, layered } = context;
  const tooSmall = Math.min(size.width, size.height) < (limits.hdrMinShortSide ?? 0);
  const toSdr = (limits.sdrOnly === true || tooSmall) && layered.from.hdr !== 'flag';
  return planColour(stream, {
    hdr: layered.values.hdr,
    canKeepHdr: codec.hdrContainers.includes(target.container.id),
    platformIsSdr: toSdr,
    keepsTenBits: tenBits,
    wantsBt709: size.height >= 720 || limits.sdrOnly === true,
    onlyBt709: limits.bt709 === true || codec.onlyBt709 === true,
    copy: false,
    target: `${codec.name} in ${target.container.name}`,
  });
}

/** VP8 and VP9 keep alpha in a second stream, which ffmpeg's own decoders do not read: the frames come out opaque. */
function alphaDecoder(stream: VideoStream, listed: readonly string[]): string | undefined {
  const decoder = { vp8: 'libvpx', vp9: 'libvpx-vp9' }[stream.codec];
  return stream.alpha && decoder && listed.includes(decoder) ? decoder : undefined;
}

const flattened = (target: string): Issue =>
  warn(
    'alpha_flattened',
    'input',
    `transparency is laid on black: ${target} does not carry it here`,
    'ProRes 4444 in MOV and VP9 in WebM do',
  );

/** A quality level of hardware is a guess until it was measured. */
function unmeasuredLevel(row: EncoderRow, rate: Rate, { crf, quality = 'medium' }: OptionValues): readonly Issue[] {
  if (!row.levelsUnmeasured || rate.mode !== 'crf' || crf !== undefined) return [];
  const what = `${row.encoder} makes ${quality} quality with ${row.crfMeans ?? 'CRF'} ${rate.crf}: how that looks beside the software encoder is not measured yet`;
  return [warn('hardware_level_unmeasured', '--hw', what, '--hw off encodes in software')];
}

/** A maximum that an encoder does not hear of is refused where it was asked for, and told where a platform wants it. */
function uncappedQuality({ uncapped, encoder }: EncoderRow, rate: Rate, options: OptionValues): readonly Issue[] {
  if (!uncapped || rate.mode !== 'crf' || !rate.vbv) return [];
  const what = `${encoder} does not keep constant quality below ${rate.vbv.maxKbps}k`;
  const way = '--mode vbr keeps to it, and so does --hw off';
  return options.maxBitrate === undefined
    ? [warn('maximum_unkept', '--hw', what, way)]
    : [wrong('maximum_unkept', '--max-bitrate', `--max-bitrate: ${what}`, way)];
}

/** Decides everything about the picture. */
export function resolveVideo(context: VideoContext): VideoDecision {
  const { target, layered, stream, limits, media } = context;
  const options = layered.values;
  const codec = target.row;
  if (!codec) return copiedVideo(context);
  const choice = chooseEncoder(codec, context.encoders, options, context.hardware?.encoder);
  const row =
    choice.row ?? codec.encoders.find(({ encoder }) => encoder === context.hardware?.encoder) ?? codec.encoders[0];
  if (!row) throw new Error(`${codec.id} has no encoder row`);
  const issues: Issue[] = choice.row ? [] : [encoderIssue(codec, choice, options)];
  // A frame that a flag names is made as asked, and the rules judge it.
  const sizeLimits = layered.from.resolution === 'flag' ? {} : limits;
  const picture = turnedSize(stream, turnOf(stream, options));
  const { crop, issues: cropIssues } = planCrop(options.crop, context.analyses.bars, picture);
  const { geometry, issues: geometryIssues } = planGeometry(stream, options, sizeLimits, crop);
  const { custom, issues: customIssues } = readCustom(row, options.set ?? []);
  const {
    frameRate,
    deinterlace,
    fpsMode,
    issues: motionIssues,
  } = planMotion(stream, media, layered, limits, context.analyses);
  const { rate, issues: rateIssues } = planRate(
    {
      codec,
      row,
      options,
      from: layered.from,
      quality: context.quality,
      size: geometry,
      fps: valueOf(frameRate),
      stream,
      sourceKbps: sourceVideoKbps(media, stream),
      platformMaxKbps: limits.maxVideoKbps,
    },
    custom,
  );
  const tenBits = keepsTenBits(codec, row, stream, limits.maxBitDepth === 8);
  const { colour, issues: colourIssues } = colourOf(context, codec, tenBits, geometry);
  const picked = choosePixelFormat(
    codec,
    row,
    target.container,
    rate,
    stream,
    tenBits && colour.kind !== 'tonemap',
    custom.pixel_format,
  );
  const sized = options.targetSize !== undefined ? true : undefined;
  const better =
    goalOf(options)?.twoPass && (rate.mode === 'abr' || rate.mode === 'vbr') ? row.twoPass !== null : undefined;
  const passes = planPasses(row, rate.mode, options.twoPass ?? sized ?? better);
  issues.push(...cropIssues, ...geometryIssues, ...customIssues, ...motionIssues, ...rateIssues, ...passes.issues);
  issues.push(...colourIssues, ...sizeIssues(codec, geometry, row));
  const flattenAlpha = stream.alpha && !picked.alpha;
  if (flattenAlpha) issues.push(flattened(`${codec.name} in ${target.container.name}`));
  if (
    colour.hdr &&
    !row.carriesHdrMetadata &&
    !colour.hdr.inContainer &&
    (colour.hdr.mastering || colour.hdr.contentLight)
  ) {
    const what = `${row.encoder} does not carry mastering display and content light data: HDR is kept without them`;
    issues.push(
      warn('hdr_metadata_lost', '--hdr', what, row.hardware ? '--hw off carries them' : '--codec h265 carries them'),
    );
  }
  const decided: ResolvedVideo = {
    index: stream.index,
    codec: codec.id,
    encoder: row.encoder,
    geometry,
    frameRate,
    frames: expectedFrames(context, frameRate),
    deinterlace,
    fpsMode,
    colour,
    pixelFormat: picked.name,
    flattenAlpha,
    decoder: alphaDecoder(stream, context.encoders),
    rate,
    speed: options.speed ?? LEVELS[context.quality].speed,
    twoPass: passes.two,
    gop: gopOf(frameRate, limits, goalOf(options)),
    threads: context.threads,
    custom,
  };
  issues.push(...unmeasuredLevel(row, rate, options), ...uncappedQuality(row, rate, options));
  return { video: withHardware(decided, row, context), issues };
}
