import type { MediaInfo, SubtitleStream } from '../model/media.ts';
import type { Step } from '../model/plan.ts';
import { formatRational } from '../model/rational.ts';
import type { BurnedText, ResolvedVideo, Timeline } from './resolved.ts';

/*
 * Subtitles that become part of the picture. A step of its own writes the track under a plain name into the scratch
 * folder, with the fonts that came with the film: libass then reads that one file, and no name of the source's
 * reaches a filter or a file system.
 */

const FONT_TYPE = /^(font\/|application\/(x-)?(font|truetype)|application\/vnd\.ms-opentype|application\/x-font)/i;
const FONT_NAME = /\.(ttf|otf|ttc|otc|woff2?)$/i;

/** The attachments that are fonts, by their indices. */
export const attachedFonts = (media: MediaInfo): readonly number[] =>
  media.attachments
    .filter(({ tags }) => FONT_TYPE.test(tags.mimetype ?? '') || FONT_NAME.test(tags.filename ?? ''))
    .map(({ index }) => index);

/** Text keeps its styles where it has any. */
export const isStyled = ({ codec }: SubtitleStream): boolean => codec === 'ass' || codec === 'ssa';

/** ASS, or Matroska where there are fonts to hold. */
const written = ({ fonts }: BurnedText) =>
  fonts.length > 0 ? { name: 'burned.mkv', format: 'matroska' } : { name: 'burned.ass', format: 'ass' };

/** Matroska without a packet cannot be read back, and a track may be without a line: then there is at least some silence. */
const A_PACKET = {
  input: ['-f', 'lavfi', '-i', 'anullsrc=r=8000:cl=mono:d=0.1'],
  map: ['-map', '1:a', '-c:a', 'pcm_s16le'],
};

/** The step that writes the track out; `inputArgs` opens the source without a seek. */
export function textStep(burn: BurnedText, timeline: Timeline, inputArgs: readonly string[]): Step {
  const { name, format } = written(burn);
  const fonts = burn.fonts.flatMap((index, n) => [
    ...['-map', `0:${index}`, `-metadata:s:t:${n}`, `filename=font-${n}`],
    // libass is given what is called a font; some files only say octet-stream.
    ...[`-metadata:s:t:${n}`, 'mimetype=font/ttf'],
  ]);
  return {
    id: 'burned-text',
    stage: 'preparation',
    args: [
      ...inputArgs,
      ...(fonts.length > 0 ? A_PACKET.input : []),
      ...['-map', `0:${burn.index}`, '-c:s', burn.encoder],
      ...fonts,
      ...(fonts.length > 0 ? ['-c:t', 'copy', ...A_PACKET.map] : []),
      ...['-map_chapters', '-1', '-map_metadata', '-1', '-f', format, name],
    ],
    mediaSec: timeline.seekSec + timeline.originSec + timeline.durationSec,
    writes: [name],
    readsSource: true,
  };
}

const MICRO = 1e6;
/**
 * A line that begins with a picture may be written up to 5.5 ms later: SRT and Matroska count thousandths of a second, ASS
 * hundredths. Without this lead it would come a picture late.
 */
const LEAD_MICROS = 6000;

/** The filters that draw it on the finished picture: libass sees the source's times, in whole microseconds. */
export function textFilters(
  burn: BurnedText,
  { frameRate, pixelFormat }: ResolvedVideo,
  timeline: Timeline,
): readonly string[] {
  const shift = Math.round((timeline.seekSec + timeline.originSec) * MICRO) + LEAD_MICROS;
  // Without it what is drawn on a transparent picture would be transparent too.
  const draw = `subtitles=${written(burn).name}${/^(yuva|gbrap|rgba)/.test(pixelFormat) ? ':alpha=1' : ''}`;
  const back = frameRate ? [`settb=${formatRational({ num: frameRate.den, den: frameRate.num })}`] : [];
  return ['settb=AVTB', `setpts=PTS+${shift}`, draw, `setpts=PTS-${shift}`, ...back];
}
