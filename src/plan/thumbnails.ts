import type { Issue } from '../model/errors.ts';
import type { MediaInfo } from '../model/media.ts';
import type { OptionValues } from '../model/option-values.ts';
import type { PictureSize, ThumbnailPlan, ThumbnailWish } from '../model/thumbnails.ts';
import { isHdr } from './colour.ts';
import { colourFilters } from './filters.ts';
import { warn, wrong } from './finding.ts';
import { INPUT_GUARD, sec } from './input-args.ts';
import type { Colour, ResolvedExport, ResolvedVideo } from './resolved.ts';
import { spread } from './spread.ts';
import { LOOK } from './thumbnail-choice.ts';

const SIDE = { least: 16, most: 8192 } as const;
const MOST_PICTURES = 100;
const DEFAULT_COUNT = 1;

const sizeText = ({ width, height }: PictureSize): string => `${width}x${height}`;

/** Reads the wish, without repetitions, off the options: every size and the number must be possible (RULES). `video` is the film beside which they go. */
export function planThumbnails(
  { thumbnails, thumbnailCount }: OptionValues,
  video: Pick<ResolvedVideo, 'geometry' | 'frames'>,
): { readonly wish: ThumbnailWish | undefined; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  if (thumbnails === undefined) {
    if (thumbnailCount !== undefined) {
      const what = '--thumbnail-count says how many, and nothing says how large: no thumbnails are made';
      issues.push(warn('thumbnail_count_alone', '--thumbnail-count', what, 'add --thumbnails 320x180'));
    }
    return { wish: undefined, issues };
  }
  const sizes = thumbnails.filter((one, n) => thumbnails.findIndex((other) => sizeText(other) === sizeText(one)) === n);
  const bad = sizes.find(
    ({ width, height }) => Math.min(width, height) < SIDE.least || Math.max(width, height) > SIDE.most,
  );
  if (bad) {
    const what = `--thumbnails ${sizeText(bad)} is out of range`;
    issues.push(wrong('thumbnail_size', '--thumbnails', what, `${SIDE.least} to ${SIDE.most} pixels on each side`));
  }
  const asked = thumbnailCount ?? DEFAULT_COUNT;
  if (asked > MOST_PICTURES) {
    const what = `--thumbnail-count ${asked} is out of range`;
    issues.push(wrong('thumbnail_count', '--thumbnail-count', what, `1 to ${MOST_PICTURES}`));
  }
  const frames = video.frames ?? asked;
  if (frames < asked) {
    const what = `the film has ${frames} frame${frames === 1 ? '' : 's'}: no more thumbnails than that, in place of ${asked}`;
    issues.push(warn('fewer_thumbnails', '--thumbnail-count', what));
  }
  const { width, height } = video.geometry;
  const enlarged = sizes.filter((one) => one.width > width && one.height > height);
  if (enlarged.length > 0) {
    const what = `thumbnails of ${enlarged.map(sizeText).join(' and ')} are larger than the film (${width}x${height}): they are enlarged`;
    issues.push(warn('thumbnails_enlarged', '--thumbnails', what));
  }
  return { wish: { sizes, count: Math.max(1, Math.min(asked, frames)) }, issues };
}

const SRGB_LIKE: Colour = { range: 'tv', primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' };

/** HDR and wide colours would be taken for BT.709: they are brought there. What is only another matrix, the scaler reads off the picture. */
export function toBt709(from: Colour, peakNits: number): readonly string[] {
  if (isHdr(from)) {
    return colourFilters({ from, to: SRGB_LIKE, kind: 'tonemap', hdr: undefined, peakNits }, 'yuv444p');
  }
  if (from.primaries !== 'bt2020') return [];
  return colourFilters({ from, to: SRGB_LIKE, kind: 'full', hdr: undefined, peakNits }, 'yuv444p');
}

/** Everything about the thumbnails that is known before the film is: undefined where none are asked for. */
export function thumbnailPlan(
  { thumbnails, video, timeline }: ResolvedExport,
  media: MediaInfo,
): ThumbnailPlan | undefined {
  if (!thumbnails) return undefined;
  const { from, to, peakNits } = video.colour;
  const fieldOrder = media.video.find(({ index }) => index === video.index)?.fieldOrder;
  // A copied picture may still have two fields; pictures far apart have no neighbours, so the filter looks at one alone.
  const fields = video.codec === 'copy' && fieldOrder !== undefined && fieldOrder !== 'progressive';
  const whole = fields ? ['estdif=mode=frame'] : [];
  return {
    ...thumbnails,
    durationSec: timeline.durationSec,
    filters: [...whole, ...toBt709(to, peakNits)],
    sourceFilters: [...whole, ...toBt709(from, peakNits)],
  };
}

/** A picture of the plan. `number` counts the moments from 1. */
export interface Thumbnail {
  readonly number: number;
  readonly size: PictureSize;
  /** Its name in the scratch folder. */
  readonly scratch: string;
  /** Absolute path of where it goes. */
  readonly path: string;
}

/** All pictures of a film at this destination, moment by moment: `film.mp4` has `film.thumb-1-320x180.jpg` beside it. */
export function thumbnailsOf(destination: string, { count, sizes }: ThumbnailWish): readonly Thumbnail[] {
  const stem = destination.replace(/\.[^./\\]+$/, '');
  return Array.from({ length: count }, (_, n) =>
    sizes.map((size) => {
      const ending = `${n + 1}-${sizeText(size)}.jpg`;
      return { number: n + 1, size, scratch: `thumb-${ending}`, path: `${stem}.thumb-${ending}` };
    }),
  ).flat();
}

/** Where the grey samples are written, in the scratch folder. */
export const LOOKS_FILE = 'looks.gray';

/** How a film is sampled. Keyframes alone are decoded much faster, where a long film has enough of them. */
export interface Sampling {
  readonly stepSec: number;
  readonly keyframesOnly: boolean;
}

/** A film longer than this is sampled at its keyframes first. */
const LONG_SEC = 120;

/** The samplings to try, until one finds enough. */
export function samplingsOf({ count, durationSec }: ThumbnailPlan): readonly Sampling[] {
  const samples = Math.min(200, Math.max(60, 12 * count));
  const every: Sampling = { stepSec: durationSec / samples, keyframesOnly: false };
  return durationSec > LONG_SEC ? [{ ...every, keyframesOnly: true }, every] : [every];
}

/** Samples in which a choice is worth the name. */
export const enoughSamples = ({ count }: ThumbnailPlan): number => 4 * count;

/** Options of an input of which keyframes alone are read and decoded. */
export const KEYFRAMES_ONLY = ['-skip_frame:v', 'nokey', '-discard:v', 'nokey'] as const;

function samplingArgs(film: string, { stepSec, keyframesOnly }: Sampling) {
  const input = [...INPUT_GUARD, ...(keyframesOnly ? KEYFRAMES_ONLY : []), ...['-i', `file:${film}`]];
  return { input, filter: `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${sec(stepSec)})'` };
}

/** The command that writes a film's samples in grey. */
export function lookArgs(film: string, sampling: Sampling): readonly string[] {
  const { input, filter } = samplingArgs(film, sampling);
  const small = `scale=${LOOK.width}:${LOOK.height}:flags=area:out_range=pc,format=gray`;
  return [
    ...[...input, '-map', '0:V:0', '-vf', `${filter},${small}`],
    ...['-fps_mode', 'passthrough', '-f', 'rawvideo', LOOKS_FILE],
  ];
}

/** Filters that fit a picture inside the frame in square pixels, with bars where the shape is another: exactly as large as asked. */
export function fitted({ width, height }: PictureSize): string {
  const [wide, high] = [`min(${width},round(${height}*dar))`, `min(${height},round(${width}/dar))`];
  return [
    `scale=w='${wide}':h='${high}':flags=lanczos+accurate_rnd+full_chroma_int:out_color_matrix=bt601:out_range=pc`,
    'setsar=1',
    // With chroma of half the size, pad takes even frames only: it would make an odd one smaller than the picture in it.
    'format=yuvj444p',
    `pad=${width}:${height}:-1:-1:color=black`,
    'format=yuvj420p',
  ].join(',');
}

/** The command that writes the pictures at these places of a sampling, ascending, under their scratch names. `filters`: of the plan. */
export function takeArgs(
  film: string,
  sampling: Sampling,
  places: readonly number[],
  { sizes }: Pick<ThumbnailPlan, 'sizes'>,
  filters: readonly string[],
): readonly string[] {
  const { input, filter } = samplingArgs(film, sampling);
  const taken = `select='${places.map((place) => `eq(n,${place})`).join('+')}'`;
  const parts = sizes.map((size, n) => ({ size, from: `[p${n}]`, to: `[t${n}]` }));
  const split = `split=${sizes.length}${parts.map(({ from }) => from).join('')}`;
  const graph = [
    ['[0:V:0]', [filter, taken, ...filters, split].join(',')].join(''),
    ...parts.map(({ size, from, to }) => `${from}${fitted(size)}${to}`),
  ].join(';');
  const outputs = parts.flatMap(({ size, to }) => [
    ...['-map', to, '-frames:v', String(places.length), '-fps_mode', 'passthrough'],
    ...['-c:v', 'mjpeg', '-q:v', '2', '-flags:v', '+bitexact', '-map_metadata', '-1'],
    ...['-f', 'image2', `thumb-%d-${sizeText(size)}.jpg`],
  ]);
  return [...input, '-filter_complex', graph, ...outputs];
}

/** Moments evenly spread over a film of so many frames: what a script takes, which cannot look. */
export function evenSampling({ count, durationSec }: ThumbnailPlan, frames: number | undefined) {
  // Where the number of frames is not known, three samples for each picture: the last ones may be missing.
  const [stepSec, total] = frames === undefined ? [durationSec / (3 * count), 3 * count] : [0, frames];
  const sampling: Sampling = { stepSec, keyframesOnly: false };
  return { sampling, places: spread(count, total) };
}
