import type { ColourTags } from '../model/media.ts';
import { formatRational, type Rational, valueOf } from '../model/rational.ts';
import { picturesFilters } from './burned-pictures.ts';
import { textFilters } from './burned-text.ts';
import { isHdr } from './colour.ts';
import { loudnessFilters } from './loudness.ts';
import type {
  ColourPlan,
  Deinterlace,
  Geometry,
  ResolvedAudio,
  ResolvedBurn,
  ResolvedVideo,
  Timeline,
} from './resolved.ts';

const sec = (value: number): string => String(Math.round(value * 1e6) / 1e6);

/** Pictures whose time lies this part of a frame before a cut still belong to it: timestamps are rounded, cuts are not. */
function slackSec(rate: Rational | undefined): number {
  return rate ? 0.25 / valueOf(rate) : 0.002;
}

export function cutVideo(timeline: Timeline, rate: Rational | undefined): readonly string[] {
  const { originSec, cutStart, cutEnd, durationSec, holdSec } = timeline;
  const slack = slackSec(rate);
  const from = cutStart || timeline.seekSec > 0 ? [`start=${sec(Math.max(0, originSec + holdSec - slack))}`] : [];
  const to = cutEnd ? [`end=${sec(originSec + durationSec - slack)}`] : [];
  const bounds = [...from, ...to];
  return [
    ...(bounds.length > 0 ? [`trim=${bounds.join(':')}`] : []),
    ...(originSec === 0 ? [] : [`setpts=PTS-${sec(originSec)}/TB`]),
  ];
}

const SWS: Readonly<Record<Geometry['scaling'], string>> = {
  bilinear: 'bilinear',
  bicubic: 'bicubic',
  lanczos: 'lanczos',
  spline: 'spline',
};
/** Filters that turn a picture clockwise. */
const TURN: Readonly<Record<number, readonly string[]>> = {
  90: ['transpose=clock'],
  180: ['hflip', 'vflip'],
  270: ['transpose=cclock'],
};

/** What turns a picture upright that ffmpeg's own turn did not. */
export const turnFilters = ({ turn, unmirror }: Pick<Geometry, 'turn' | 'unmirror'>): readonly string[] => [
  ...(unmirror ? ['hflip'] : []),
  ...(TURN[turn] ?? []),
];

function geometryFilters(geometry: Geometry, fromRange: string): readonly string[] {
  const { crop, scale, trim, pad } = geometry;
  return [
    ...turnFilters(geometry),
    ...(crop ? [`crop=${crop.width}:${crop.height}:${crop.x}:${crop.y}:exact=1`] : []),
    // Range is fixed on both sides: scale alone must not convert it behind the colour plan's back.
    ...(scale
      ? [
          `scale=${scale.width}:${scale.height}:flags=${SWS[geometry.scaling]}+accurate_rnd+full_chroma_int:in_range=${fromRange}:out_range=${fromRange}`,
        ]
      : []),
    'setsar=1',
    ...(trim ? [`crop=${trim.width}:${trim.height}`] : []),
    ...(pad ? [`pad=${pad.width}:${pad.height}:-1:-1:color=black`] : []),
  ];
}

function zscale(pairs: Readonly<Record<string, string | number>>): string {
  return `zscale=${Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join(':')}`;
}

/** zscale's word for a matrix, transfer or primaries where it differs from ffmpeg's. */
const ZSCALE_WORD: Readonly<Record<string, string>> = {
  'bt2020-10': '2020_10',
  'bt2020-12': '2020_12',
  bt2020nc: '2020_ncl',
  bt2020c: '2020_cl',
  bt2020: '2020',
  bt709: '709',
  smpte170m: '170m',
  gbr: 'gbr',
};
const z = (word: string): string => ZSCALE_WORD[word] ?? word;
/** zimg knows BT.601's curve once, under one name. */
const zTransfer = (word: string): string => (word === 'smpte170m' || word === 'bt470bg' ? '601' : z(word));

/** The chain that makes the plan's colours true, ending in the pixel format and its tags. */
export function colourFilters(colour: ColourPlan, pixelFormat: string): readonly string[] {
  const { from, to } = colour;
  switch (colour.kind) {
    case 'keep':
      return [`format=${pixelFormat}`];
    case 'range':
    case 'matrix': {
      // RGB has no matrix to read from: swscale knows by the pixel format.
      const inMatrix = from.matrix === 'gbr' ? '' : `in_color_matrix=${from.matrix}:`;
      return [
        `scale=${inMatrix}out_color_matrix=${to.matrix}:in_range=${from.range}:out_range=${to.range}:flags=bicubic+accurate_rnd+full_chroma_int`,
        `format=${pixelFormat}`,
      ];
    }
    case 'full':
      return [
        zscale({
          matrixin: z(from.matrix),
          transferin: zTransfer(from.transfer),
          primariesin: z(from.primaries),
          rangein: from.range,
          matrix: z(to.matrix),
          transfer: zTransfer(to.transfer),
          primaries: z(to.primaries),
          range: to.range,
          dither: 'error_diffusion',
        }),
        `format=${pixelFormat}`,
      ];
    case 'tonemap':
      return toneMap(colour, pixelFormat);
  }
}

/** Diffuse white of HDR (203 cd/m², ITU-R BT.2408) becomes SDR white; the peak of the source is rolled off by the curve. */
function toneMap({ from, to, peakNits }: ColourPlan, pixelFormat: string): readonly string[] {
  const white = 203;
  return [
    zscale({
      matrixin: z(from.matrix),
      transferin: zTransfer(from.transfer),
      primariesin: z(from.primaries),
      rangein: from.range,
      transfer: 'linear',
      npl: white,
      primaries: z(from.primaries),
    }),
    'format=gbrpf32le',
    zscale({ primariesin: z(from.primaries), primaries: '709', transferin: 'linear', transfer: 'linear' }),
    `tonemap=tonemap=mobius:param=0.6:desat=0:peak=${Math.round((peakNits / white) * 100) / 100}`,
    // Encoders of newer versions write what the frames still say.
    ...['MASTERING_DISPLAY_METADATA', 'CONTENT_LIGHT_LEVEL'].map((type) => `sidedata=mode=delete:type=${type}`),
    zscale({
      transferin: 'linear',
      primariesin: '709',
      matrixin: 'gbr',
      transfer: '709',
      matrix: '709',
      primaries: '709',
      range: to.range,
      dither: 'error_diffusion',
    }),
    `format=${pixelFormat}`,
  ];
}

/** The pictures of a plan of shape and colours, without their times. */
export const pictureFilters = (geometry: Geometry, colour: ColourPlan, pixelFormat: string): readonly string[] => [
  ...geometryFilters(geometry, colour.from.range),
  ...colourFilters(colour, pixelFormat),
  tagFilter(colour),
];

const PREVIEW_PIXELS = 1280;
const PREVIEW_HDR_NITS = 1000;

/** Pictures in these colours as a browser shows a JPEG: SDR, BT.601 in full range, no side longer than a screen shows of two. */
export function previewFilters({
  primaries = 'bt709',
  transfer = 'bt709',
  matrix = 'bt709',
}: ColourTags): readonly string[] {
  const from = { range: 'tv', primaries, transfer, matrix };
  const to = { range: 'tv', primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' };
  const size = `scale='min(${PREVIEW_PIXELS},iw)':'min(${PREVIEW_PIXELS},ih)':force_original_aspect_ratio=decrease`;
  return [
    ...(isHdr(from)
      ? toneMap({ from, to, kind: 'tonemap', hdr: undefined, peakNits: PREVIEW_HDR_NITS }, 'yuv444p')
      : []),
    `${size}:out_color_matrix=bt601:out_range=pc:flags=bicubic+accurate_rnd+full_chroma_int`,
    'setsar=1',
    'format=yuvj420p',
  ];
}

export function tagFilter({ to }: ColourPlan): string {
  return `setparams=range=${to.range}:color_primaries=${to.primaries}:color_trc=${to.transfer}:colorspace=${to.matrix}:field_mode=prog`;
}

/** The start is pinned so that a first picture that comes late is held, not skipped. */
export const pinned = (rate: Rational | undefined, more = ''): readonly string[] =>
  rate ? [`fps=fps=${formatRational(rate)}:start_time=0${more}`] : [];

/** A last picture that the source shows for less than half of its time would be rounded away. */
export const lastPicture = ({ frames, frameRate }: ResolvedVideo, { durationSec }: Timeline): string =>
  frames !== undefined && frameRate && Math.round(durationSec * valueOf(frameRate)) === frames - 1
    ? ':eof_action=pass'
    : '';

function deinterlaceFilters(how: Deinterlace, sourceRate: Rational | undefined): readonly string[] {
  switch (how) {
    case 'off':
      return [];
    case 'frame':
    case 'field':
      return [`bwdif=mode=send_${how}:parity=auto:deint=all`];
    case 'detelecine':
      // Fields of one film picture are matched, what matches nothing is deinterlaced, and the picture that comes twice in five goes.
      // decimate drops what does not fill its last five: they are filled, and cut again.
      return [
        ...pinned(sourceRate),
        'tpad=stop_mode=clone:stop=5',
        'fieldmatch=combmatch=full',
        'bwdif=mode=send_frame:deint=interlaced',
        'decimate',
      ];
  }
}

/** Cuts what was added behind the last picture. */
const endOf = (rate: Rational | undefined, { durationSec }: Timeline): readonly string[] =>
  durationSec > 0 ? [`trim=end=${sec(durationSec - slackSec(rate))}`] : [];

/**
 * Frames between the source's, made of the finished picture. Both filters end before the last source frame: it is
 * held for one more, and what is then too long is cut.
 */
function motionFilters({ fpsMode, frameRate }: ResolvedVideo, timeline: Timeline): readonly string[] {
  if (fpsMode === 'drop' || !frameRate) return [];
  const rate = formatRational(frameRate);
  const between =
    fpsMode === 'blend'
      ? `framerate=fps=${rate}:interp_start=0:interp_end=255:scene=8.2`
      : `minterpolate=fps=${rate}:mi_mode=mci:mc_mode=aobmc:me_mode=bidir:vsbmc=1`;
  return ['tpad=stop_mode=clone:stop=3', between, ...pinned(frameRate), ...endOf(frameRate, timeline)];
}

const burnFilters = (burn: ResolvedBurn, video: ResolvedVideo, timeline: Timeline): readonly string[] =>
  burn.kind === 'text' ? textFilters(burn, video, timeline) : picturesFilters(burn, video, timeline);

/** The whole chain of the picture, for `-filter:v`. */
export function videoChain(
  video: ResolvedVideo,
  timeline: Timeline,
  sourceRate: Rational | undefined,
  burn: ResolvedBurn | undefined,
): string {
  const { colour, geometry } = video;
  return [
    ...cutVideo(timeline, sourceRate),
    ...deinterlaceFilters(video.deinterlace, sourceRate),
    ...(video.fpsMode === 'drop' ? pinned(video.frameRate, lastPicture(video, timeline)) : []),
    ...(video.deinterlace === 'detelecine' ? endOf(video.frameRate, timeline) : []),
    // Straight alpha times the picture is the picture on black. Without a stated range the filter takes limited pixels for full ones.
    ...(video.flattenAlpha ? [`setparams=range=${colour.from.range}`, 'premultiply=inplace=1'] : []),
    ...geometryFilters(geometry, colour.from.range),
    ...colourFilters(colour, video.pixelFormat),
    ...motionFilters(video, timeline),
    ...(burn ? burnFilters(burn, video, timeline) : []),
    tagFilter(colour),
  ].join(',');
}

/** The chain of one audio track, for `-filter:a:N`: in step with the picture, gaps filled, in the layout that the codec takes. */
export function audioChain(track: ResolvedAudio, timeline: Timeline, unedited: boolean): string {
  const { originSec, cutStart, cutEnd, durationSec, seekSec } = timeline;
  const from = cutStart || seekSec > 0 ? [`start=${sec(originSec)}`] : [];
  const to = cutEnd ? [`end=${sec(originSec + durationSec)}`] : [];
  const bounds = [...from, ...to];
  return [
    ...(bounds.length > 0 ? [`atrim=${bounds.join(':')}`] : []),
    ...(originSec === 0 ? [] : [`asetpts=PTS-${sec(originSec)}/TB`]),
    ...(track.mix ? [track.mix] : []),
    // first_pts=0 pads a late start with silence and cuts an early one; async=1 fills gaps.
    `aresample=${track.sampleRate}:async=1:first_pts=0`,
    ...(track.layout ? [`aformat=channel_layouts=${track.layout}`] : []),
    ...loudnessFilters(track.loudness, track.sampleRate),
    // Without an edit list nothing hides AAC's priming, 1024 samples of silence: as much of the sound makes room for it (trap 24).
    ...(unedited && track.codec === 'aac' ? ['atrim=start_sample=1024', 'asetpts=PTS-STARTPTS'] : []),
  ].join(',');
}
