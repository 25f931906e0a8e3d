import type { ContainerFeature, ContainerRow } from '../codecs/containers.ts';
import type { Issue } from '../model/errors.ts';
import type { MediaInfo } from '../model/media.ts';
import type { OptionValues } from '../model/option-values.ts';
import { formatRational, type Rational, valueOf } from '../model/rational.ts';
import { parseTime, timecodeFrames } from '../model/units.ts';
import { coverOf } from './cover.ts';
import { warn } from './finding.ts';
import { placeTags } from './place-tags.ts';
import type { ResolvedExtras, Timeline } from './resolved.ts';

/** The timecode of the first delivered frame: the source's own, moved by the part that is left out. */
function shiftedTimecode(media: MediaInfo, rate: Rational, startSec: number): string | undefined {
  const first = media.timecode === undefined ? undefined : parseTime(media.timecode);
  if (!first || media.timecode === undefined) return undefined;
  if (startSec === 0) return media.timecode;
  const nominal = Math.round(valueOf(rate));
  let frames = timecodeFrames(first, rate) + Math.round(startSec * valueOf(rate));
  const drop = first.dropFrame === true;
  if (drop) {
    // SMPTE 12M: numbers 0 and 1 (0–3 at 59.94) of each minute but every tenth are left out.
    const skip = nominal === 60 ? 4 : 2;
    const perTen = nominal * 600 - skip * 9;
    const perMinute = nominal * 60 - skip;
    const rest = frames % perTen;
    frames +=
      skip * 9 * Math.floor(frames / perTen) +
      (rest >= nominal * 60 ? skip * (1 + Math.floor((rest - nominal * 60) / perMinute)) : 0);
  }
  const pad = (n: number) => String(n).padStart(2, '0');
  const sec = Math.floor(frames / nominal);
  return `${pad(Math.floor(sec / 3600) % 24)}:${pad(Math.floor(sec / 60) % 60)}:${pad(sec % 60)}${drop ? ';' : ':'}${pad(frames % nominal)}`;
}

export interface ExtrasContext {
  readonly container: ContainerRow;
  readonly options: OptionValues;
  readonly timeline: Timeline;
  readonly rate: Rational;
  readonly dropsLocation: boolean;
}

/** What a container cannot carry, said once for each kind. */
function dropWarnings(media: MediaInfo, container: ContainerRow, cover: number | undefined): readonly Issue[] {
  const issues: Issue[] = [];
  if (cover === undefined && media.video.some((stream) => stream.attachedPicture)) {
    issues.push(warn('cover_dropped', 'input', `the cover picture is left out: not carried into ${container.name}`));
  }
  if (media.attachments.length > 0 && !container.features.includes('attachments')) {
    const what = `${media.attachments.length} attachment(s) are left out: ${container.name} holds none`;
    issues.push(warn('attachments_dropped', 'input', what, 'MKV does'));
  }
  if (media.timecode !== undefined && !container.features.includes('timecode')) {
    const what = `the timecode ${media.timecode} is left out: ${container.name} files here have none`;
    issues.push(warn('timecode_dropped', 'input', what, 'MOV keeps it'));
  }
  const known = ['tmcd', 'text'];
  const others = media.data.filter((stream) => !known.includes(stream.codecTag) && stream.codec !== 'bin_data');
  if (others.length > 0) {
    const names = others.map((stream) => stream.codecTag || stream.codec || 'unknown').join(', ');
    issues.push(warn('data_dropped', 'input', `${others.length} data stream(s) (${names}) are left out`));
  }
  return issues;
}

/** Everything beside picture, sound and text: kept where the container can hold it, dropped with a warning where it cannot. */
export function planExtras(
  media: MediaInfo,
  context: ExtrasContext,
): { readonly extras: ResolvedExtras; readonly issues: readonly Issue[] } {
  const { container, options, timeline, rate } = context;
  if (options.metadata === 'strip') {
    const nothing = { cover: undefined, attachments: [], timecode: undefined };
    return { extras: { ...nothing, chapters: 'drop', metadata: 'strip' }, issues: [] };
  }
  const holds = (feature: ContainerFeature): boolean => container.features.includes(feature);
  const cover = holds('cover') ? coverOf(media, container.id) : undefined;
  const issues: Issue[] = [...dropWarnings(media, container, cover)];
  const publishes = context.dropsLocation && options.metadata !== 'keep';
  if (publishes && placeTags(media).length > 0) {
    const what = 'location and device tags are left out for this platform';
    issues.push(warn('location_dropped', '--metadata', what, '--metadata keep retains them'));
  }
  const moved = timeline.cutStart || timeline.cutEnd;
  const hasChapters = media.chapters.length > 0 && holds('chapters');
  return {
    extras: {
      chapters: hasChapters ? (moved ? 'shift' : 'keep') : 'drop',
      metadata: publishes ? 'drop-location' : 'keep',
      cover,
      attachments: holds('attachments') ? media.attachments.map((stream) => stream.index) : [],
      timecode: holds('timecode') ? shiftedTimecode(media, rate, timeline.startSec) : undefined,
    },
    issues,
  };
}

/** Chapters of the delivered part, as ffmpeg's metadata file: https://ffmpeg.org/ffmpeg-formats.html#Metadata-2 */
export function chapterFile(media: MediaInfo, timeline: Timeline): { readonly text: string; readonly count: number } {
  const escape = (text: string) => text.replace(/([=;#\\\n])/g, '\\$1');
  const from = media.startSec + timeline.startSec;
  const inside = media.chapters
    .map((chapter) => ({
      ...chapter,
      startSec: Math.max(0, chapter.startSec - from),
      endSec: Math.min(timeline.durationSec, chapter.endSec - from),
    }))
    .filter((chapter) => chapter.endSec > chapter.startSec);
  const rows = inside.map((chapter) =>
    [
      '[CHAPTER]',
      'TIMEBASE=1/1000',
      `START=${Math.round(chapter.startSec * 1000)}`,
      `END=${Math.round(chapter.endSec * 1000)}`,
      ...(chapter.title ? [`title=${escape(chapter.title)}`] : []),
    ].join('\n'),
  );
  return { text: `;FFMETADATA1\n${rows.join('\n')}\n`, count: inside.length };
}

export const rateText = (rate: Rational | undefined): string => (rate ? formatRational(rate) : 'variable');
