import { container as containerRow } from '../codecs/containers.ts';
import type { Step } from '../model/plan.ts';
import type { ResolvedExport } from './resolved.ts';
import { OWN_TIMES, subtitleFileInput } from './subtitle-file.ts';

/*
 * Subtitles of a part. Filters cut picture and sound, but not text: it is written out in its final form, then cut by
 * its packets' times, and the film takes what is left. Steps of their own, because ffmpeg 5.1 loses the packet that
 * setts holds back: always where it encodes subtitles, and where -t ends a copy.
 */

const sec = (value: number): string => String(Math.round(value * 1e6) / 1e6);

/** True where subtitles must be cut like picture and sound. */
export const cutsSubtitles = ({ subtitles, timeline }: ResolvedExport): boolean =>
  subtitles.length > 0 && (timeline.cutStart || timeline.cutEnd);

function names({ container }: ResolvedExport) {
  const row = containerRow(container);
  const extension = row?.extensions[0] ?? container;
  return { whole: `text.${extension}`, part: `text-part.${extension}`, format: ['-f', row?.muxer ?? container] };
}

/** The steps that write all subtitle tracks out and cut them; `inputArgs` opens the source without a seek. */
export function subtitleSteps(resolved: ResolvedExport, inputArgs: readonly string[]): readonly Step[] {
  const { timeline } = resolved;
  const { whole, part, format } = names(resolved);
  const beginSec = timeline.seekSec + timeline.originSec;
  const [begin, end] = [sec(beginSec), sec(beginSec + timeline.durationSec)];
  const step = { stage: 'preparation', mediaSec: beginSec + timeline.durationSec } as const;
  // A line that is over before the part or begins after it is dropped, others begin and end with it.
  const drop = `noise=amount=0:drop='lte((pts+d)*tb,${begin})+gte(pts*tb,${end})'`;
  const cut = `setts=ts='max(TS-${begin}/TB,0)':duration='min(PTS+DURATION,${end}/TB)-max(PTS,${begin}/TB)'`;
  return [
    {
      ...step,
      id: 'text',
      args: [
        ...inputArgs,
        ...subtitleFileInput(resolved),
        ...subtitleMaps(resolved, 1),
        '-map_chapters',
        '-1',
        ...format,
        whole,
      ],
      writes: [whole],
      readsSource: true,
    },
    {
      ...step,
      id: 'text-part',
      args: [
        ...[...OWN_TIMES, '-i', whole],
        ...['-map', '0:s', '-c:s', 'copy', '-map_chapters', '-1', '-bsf:s', `${drop},${cut}`, ...format, part],
      ],
      writes: [part],
      readsSource: false,
    },
  ];
}

/** Maps the tracks that are kept, whole; `fileInput` is the number of the file that `--subtitles` names. */
export const subtitleMaps = ({ subtitles }: ResolvedExport, fileInput: number): readonly string[] =>
  subtitles.flatMap(({ index, encoder, fromFile }, n) => [
    ...['-map', fromFile ? `${fileInput}:${index}` : `0:${index}`],
    ...[`-c:s:${n}`, encoder],
  ]);

/** Opens what was cut. */
export const subtitleInput = (resolved: ResolvedExport): readonly string[] => [
  ...OWN_TIMES,
  '-i',
  names(resolved).part,
];

/** Maps its tracks; `input` is its number. */
export const cutSubtitleArgs = (resolved: ResolvedExport, input: number): readonly string[] =>
  resolved.subtitles.flatMap((_, n) => ['-map', `${input}:s:${n}`, `-c:s:${n}`, 'copy']);
