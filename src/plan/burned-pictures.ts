import type { Step } from '../model/plan.ts';
import { formatRational } from '../model/rational.ts';
import type { BurnedPictures, Geometry, ResolvedVideo, Timeline } from './resolved.ts';

/*
 * Subtitles made of pictures that become part of the film's. Steps of their own draw the track on a transparent canvas, as a
 * lossless film in the scratch folder, which one filter then lays over the finished picture: both passes and every
 * measurement read the same.
 */

const MICRO = 1e6;
const TRACK = 'burned.mkv';
const CANVAS = 'burned.nut';

/** Where such a picture is drawn: the samples of the canvas, and how the filter is told. */
const OVERLAY: Readonly<Record<string, { readonly canvas: string; readonly format: string }>> = {
  yuv420p: { canvas: 'yuva420p', format: 'yuv420' },
  yuva420p: { canvas: 'yuva420p', format: 'yuv420' },
  yuv422p: { canvas: 'yuva422p', format: 'yuv422' },
  yuv444p: { canvas: 'yuva444p', format: 'yuv444' },
  yuv420p10le: { canvas: 'yuva420p10le', format: 'yuv420p10' },
  yuv422p10le: { canvas: 'yuva422p10le', format: 'yuv422p10' },
};

/** Whether ffmpeg's overlay draws on pictures of this format without a loss. */
export const canBeDrawnOn = (pixelFormat: string): boolean => pixelFormat in OVERLAY;

/** The canvas begins so much earlier: ffmpeg lets an empty one go before each packet, and before the first moment is no time. */
const PREROLL_SEC = 1;

const sec = (value: number): string => String(Math.round(value * MICRO) / MICRO);
/** A track may begin hours into the film, and ffmpeg must know its size before it draws. */
const READ_ON = ['-analyzeduration', '2147483647', '-probesize', '2147483647'];

/**
 * The steps that draw the track; `inputArgs` opens the source without a seek. The track is first laid beside silence, which
 * tells the time: ffmpeg takes a subtitle away when a later packet of the same file is read, and those of a film are
 * not in the order of time.
 */
export function picturesSteps(burn: BurnedPictures, timeline: Timeline, inputArgs: readonly string[]): readonly Step[] {
  const { index, startSec, canvas } = burn;
  const lastsSec = timeline.seekSec + timeline.originSec + timeline.durationSec;
  // Longer than the film, which then says when there is no more.
  const drawnSec = sec(PREROLL_SEC + lastsSec + 2);
  // ffmpeg counts time from the first of the streams that it uses: here that would be the first subtitle.
  const clock = [
    ...['-itsoffset', sec(startSec - PREROLL_SEC), '-f', 'lavfi', '-i'],
    `anullsrc=r=1000:cl=mono:n=100:d=${drawnSec}`,
  ];
  const step = { stage: 'preparation', mediaSec: lastsSec } as const;
  return [
    {
      ...{ ...step, id: 'burned-track', writes: [TRACK], readsSource: true },
      args: [
        ...['-copyts', ...inputArgs, ...clock, '-map', `0:${index}`, '-c:s', 'copy', '-map', '1:a'],
        ...['-c:a', 'pcm_u8', '-map_chapters', '-1', '-map_metadata', '-1'],
        ...['-output_ts_offset', sec(PREROLL_SEC - startSec), '-f', 'matroska', TRACK],
      ],
    },
    {
      ...{ ...step, id: 'burned-pictures', writes: [CANVAS], readsSource: false },
      args: [
        ...READ_ON,
        ...(canvas ? ['-canvas_size', `${canvas.width}x${canvas.height}`] : []),
        ...['-i', TRACK, '-filter_complex', '[0:0]format=bgra[canvas]', '-map', '[canvas]'],
        ...['-fps_mode', 'vfr', '-enc_time_base', '1:90000', '-c:v', 'ffv1', '-t', drawnSec, '-f', 'nut', CANVAS],
        ...['-map', '0:1', '-c', 'copy', '-f', 'null', '-'],
      ],
    },
  ];
}

/**
 * What is done to the canvas to lie on the finished picture as it lay on the source's. A canvas of another shape, as where black
 * bars were cut off before, is squeezed into the picture: else what stood in the bars would be lost.
 */
function canvasFilters({ crop, scale, trim, pad }: Geometry, source: BurnedPictures['picture']): readonly string[] {
  const first = crop || !scale ? source : scale;
  return [
    `scale=${first.width}:${first.height}`,
    ...(crop ? [`crop=${crop.width}:${crop.height}:${crop.x}:${crop.y}:exact=1`] : []),
    ...(crop && scale ? [`scale=${scale.width}:${scale.height}`] : []),
    ...(trim ? [`crop=${trim.width}:${trim.height}`] : []),
    ...(pad ? [`pad=${pad.width}:${pad.height}:-1:-1:color=black@0`] : []),
  ];
}

/** Matroska counts thousandths of a second: what begins with a picture may be written half of one later, and would come a picture late. */
const LEAD_MICROS = 1000;

/** The filters that lay it over the finished picture, at the source's times. */
export function picturesFilters(
  burn: BurnedPictures,
  { colour, frameRate, geometry, pixelFormat }: ResolvedVideo,
  timeline: Timeline,
): readonly string[] {
  const how = OVERLAY[pixelFormat] ?? OVERLAY.yuv420p;
  if (!how) throw new Error('no overlay');
  const shift = Math.round((PREROLL_SEC + timeline.seekSec + timeline.originSec) * MICRO) + LEAD_MICROS;
  const { matrix, range } = colour.to;
  const back = frameRate ? [`settb=${formatRational({ num: frameRate.den, den: frameRate.num })}`] : [];
  return [
    'settb=AVTB',
    `setpts=PTS+${shift}[film];movie=${CANVAS}`,
    ...canvasFilters(geometry, burn.picture),
    `scale=out_color_matrix=${matrix}:out_range=${range}`,
    `format=${how.canvas}[canvas];[film][canvas]overlay=shortest=1:format=${how.format}`,
    'settb=AVTB',
    `setpts=PTS-${shift}`,
    ...back,
  ];
}
