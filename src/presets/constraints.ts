import {
  type AudioRate,
  type Platform,
  type RuleId,
  type RuleOf,
  ratioOf,
  rulesOf,
  type VideoRate,
  videoRateFor,
} from './platform.ts';

/**
 * What a platform asks of a delivery beyond the flags, so that its own export passes its own check. Derived
 * from the rules: the strictest one wins, advertising's narrower ones left out. Undefined: nothing asked.
 */
export interface PlatformConstraints {
  readonly containers?: readonly string[];
  readonly videoCodecs?: readonly string[];
  readonly audioCodecs?: readonly string[];
  readonly maxBytes?: number;
  readonly fastStart?: boolean;
  readonly noEditList?: boolean;
  readonly fragmentedAllowed: boolean;
  /** Seconds between keyframes; frames = seconds × rate, rounded. */
  readonly gopSec?: number;
  readonly closedGop?: boolean;
  readonly bFrames?: number;
  readonly h264Profile?: 'high';
  readonly cabac?: boolean;
  readonly hevcTag?: string;
  readonly maxVideoKbps?: number;
  readonly maxWidth?: number;
  readonly maxHeight?: number;
  readonly maxLongSide?: number;
  readonly maxShortSide?: number;
  readonly minWidth?: number;
  readonly minHeight?: number;
  readonly minLongSide?: number;
  readonly minShortSide?: number;
  /** Width ÷ height. */
  readonly aspect?: { readonly min: number; readonly max: number };
  readonly maxFrameRate?: number;
  readonly minFrameRate?: number;
  readonly constantFrameRate?: boolean;
  readonly progressive?: boolean;
  /** `4:2:0`, … */
  readonly chroma?: readonly string[];
  readonly maxBitDepth?: number;
  readonly squarePixels?: boolean;
  /** SDR is wanted in BT.709, whatever its size. */
  readonly bt709?: boolean;
  readonly sdrOnly?: boolean;
  /** HDR is kept only from this short side up. */
  readonly hdrMinShortSide?: number;
  readonly upright?: boolean;
  readonly audioRequired?: boolean;
  /** Channel counts that are taken, ascending. */
  readonly channels?: readonly number[];
  readonly maxChannels?: number;
  /** Hz that are taken; where only a maximum is known, see `maxSampleRate`. */
  readonly sampleRates?: readonly number[];
  readonly maxSampleRate?: number;
  readonly maxAudioKbps?: number;
  /** Advised rate by channel count. */
  readonly audioRates?: readonly AudioRate[];
  /** Location and device tags are dropped. */
  readonly dropLocation: boolean;
}

/** Rules for advertisements do not shape what people post. */
function asked<R extends RuleId>(platform: Platform, id: R): readonly RuleOf<R>[] {
  return rulesOf(platform, id).filter((rule) => rule.surface !== 'ads' && rule.applies_to === undefined);
}

type NumberRule = {
  [R in RuleId]: RuleOf<R>['value'] extends number ? R : never;
}[RuleId];

function limit(platform: Platform, id: NumberRule, strictest: 'lowest' | 'highest'): number | undefined {
  const values = asked(platform, id).map((rule) => rule.value);
  if (values.length === 0) return undefined;
  return strictest === 'lowest' ? Math.min(...values) : Math.max(...values);
}

/** What every rejecting rule of a list takes: advice narrows defaults, not what may be asked for. */
function taken<R extends 'container' | 'video_codec' | 'audio_codec'>(
  platform: Platform,
  id: R,
): readonly string[] | undefined {
  const lists: readonly (readonly string[])[] = rulesOf(platform, id)
    .filter((rule) => rule.severity !== 'recommend')
    .map((rule) => rule.value);
  const [first, ...others] = lists;
  return first?.filter((name) => others.every((list) => list.includes(name)));
}

/** Video codecs that a platform takes; undefined: whatever it is. */
export const videoCodecsTaken = (platform: Platform): readonly string[] | undefined => taken(platform, 'video_codec');

const yes = (platform: Platform, id: RuleId): true | undefined => asked(platform, id).length > 0 || undefined;

function pictureConstraints(platform: Platform) {
  const aspects = asked(platform, 'aspect_ratio').map(({ value }) => value);
  return {
    maxWidth: limit(platform, 'max_width', 'lowest'),
    maxHeight: limit(platform, 'max_height', 'lowest'),
    maxLongSide: limit(platform, 'max_long_side', 'lowest'),
    maxShortSide: limit(platform, 'max_short_side', 'lowest'),
    minWidth: limit(platform, 'min_width', 'highest'),
    minHeight: limit(platform, 'min_height', 'highest'),
    minLongSide: limit(platform, 'min_long_side', 'highest'),
    minShortSide: limit(platform, 'min_short_side', 'highest'),
    aspect:
      aspects.length === 0
        ? undefined
        : {
            min: Math.max(...aspects.map(({ min }) => ratioOf(min))),
            max: Math.min(...aspects.map(({ max }) => ratioOf(max))),
          },
    maxFrameRate: limit(platform, 'max_frame_rate', 'lowest'),
    minFrameRate: limit(platform, 'min_frame_rate', 'highest'),
    constantFrameRate: yes(platform, 'constant_frame_rate'),
    progressive: yes(platform, 'progressive'),
    chroma: asked(platform, 'pixel_format')[0]?.value,
    maxBitDepth: limit(platform, 'bit_depth', 'lowest'),
    squarePixels: yes(platform, 'sample_aspect'),
    bt709: yes(platform, 'colour_space'),
    sdrOnly: asked(platform, 'hdr').some(({ value }) => !value.allowed) || undefined,
    hdrMinShortSide: asked(platform, 'hdr')[0]?.value.min_short_side,
    upright: yes(platform, 'rotation_matrix'),
  };
}

function soundConstraints(platform: Platform) {
  const channels = asked(platform, 'audio_channels')[0]?.value;
  const rates = asked(platform, 'audio_sample_rate').map(({ value }) => value);
  const maxima = rates.flatMap(({ max }) => (max === undefined ? [] : [max]));
  return {
    audioRequired: yes(platform, 'audio_required'),
    channels,
    maxChannels: channels && Math.max(...channels),
    sampleRates: rates.find((rate) => rate.one_of)?.one_of,
    maxSampleRate: maxima.length > 0 ? Math.min(...maxima) : undefined,
    maxAudioKbps: limit(platform, 'max_audio_bitrate', 'lowest'),
    audioRates: asked(platform, 'recommended_audio_bitrate')[0]?.value,
  };
}

/** What a platform's rules ask of the planner. The size is the hard limit: a smaller one that is only advised does not shrink a film. */
export function platformConstraints(platform: Platform): PlatformConstraints {
  const sizes = asked(platform, 'max_file_size').filter((rule) => rule.severity === 'reject');
  return {
    containers: taken(platform, 'container'),
    videoCodecs: videoCodecsTaken(platform),
    audioCodecs: taken(platform, 'audio_codec'),
    maxBytes: sizes.length > 0 ? Math.min(...sizes.map((rule) => rule.value)) * 1e6 : undefined,
    fastStart: yes(platform, 'moov_at_front'),
    noEditList: yes(platform, 'no_edit_list'),
    fragmentedAllowed: yes(platform, 'fragmented') === undefined,
    gopSec: limit(platform, 'max_keyframe_interval', 'lowest'),
    closedGop: yes(platform, 'closed_gop'),
    bFrames: limit(platform, 'b_frames', 'lowest'),
    h264Profile: asked(platform, 'h264_profile').some(({ value }) => value.includes('High')) ? 'high' : undefined,
    cabac: yes(platform, 'cabac'),
    hevcTag: asked(platform, 'hevc_tag')[0]?.value[0],
    maxVideoKbps: limit(platform, 'max_video_bitrate', 'lowest'),
    ...pictureConstraints(platform),
    ...soundConstraints(platform),
    dropLocation: platform.publishes,
  };
}

/** The largest frame of the same shape, even on both sides, that a platform takes; the frame itself where it fits. */
export function largestFrame(
  constraints: PlatformConstraints,
  frame: { readonly width: number; readonly height: number },
): { readonly width: number; readonly height: number } {
  const { width, height } = frame;
  const within = (side: number, most: number | undefined): number => (most === undefined ? 1 : most / side);
  const scale = Math.min(
    1,
    within(width, constraints.maxWidth),
    within(height, constraints.maxHeight),
    within(Math.max(width, height), constraints.maxLongSide),
    within(Math.min(width, height), constraints.maxShortSide),
  );
  if (scale === 1) return { width, height };
  const even = (side: number): number => Math.max(2, Math.floor((side * scale + 0.01) / 2) * 2);
  return { width: even(width), height: even(height) };
}

/** What a platform advises for a frame, kbps; undefined where it advises nothing. */
export function recommendedVideoRate(
  platform: Platform,
  frame: {
    readonly width: number;
    readonly height: number;
    readonly frameRate: number | undefined;
    readonly hdr: boolean;
  },
): VideoRate | undefined {
  const table = asked(platform, 'recommended_video_bitrate')[0]?.value;
  return table && videoRateFor(table, frame);
}
