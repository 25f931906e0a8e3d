import type { Issue } from '../model/errors.ts';
import type { MediaInfo } from '../model/media.ts';
import { valueOf } from '../model/rational.ts';
import { warn, wrong } from '../plan/finding.ts';
import type { Rung } from '../plan/ladder.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import type { LadderRequest } from './ladder-request.ts';

/*
 * What is wrong with a package as a whole, once its source and rungs are known.
 */

export function codecIssues(rungs: readonly Rung[], { format, encryption }: LadderRequest): readonly Issue[] {
  const other = rungs.find(({ codec }) => codec !== 'h264');
  const unknown = encryption?.method === 'cenc' && rungs.find(({ codec }) => codec !== 'h264' && codec !== 'h265');
  if (unknown) {
    const what = `--encrypt cenc is made of h264 and h265, not of ${unknown.codec}`;
    return [wrong('cenc_codec', '--encrypt', what, '--codec h264 or h265')];
  }
  if (format !== 'ts' || !other) return [];
  const what = `--segment-format ts holds h264, not ${other.codec}`;
  return [wrong('ts_codec', '--segment-format', what, 'leave it out: fragmented MP4 holds all of them')];
}

/** A film that is shorter than a segment is one: that plays, and nobody needs to be told. A picture alone is no stream. */
export function lengthIssues({ video }: ResolvedExport): readonly Issue[] {
  const { frames, frameRate } = video;
  if (frames === undefined || frames > 1 || !frameRate) return [];
  const what = `the source lasts ${(1 / valueOf(frameRate)).toFixed(2)} s: one picture is no stream`;
  return [wrong('single_picture', 'input', what, 'sg-export export makes a film of it', 'INPUT')];
}

export function sizeIssues({ targetBytes, maxBytes }: ResolvedExport): readonly Issue[] {
  if (targetBytes === undefined && maxBytes === undefined) return [];
  const what = 'a size is asked for that a ladder cannot keep';
  return [wrong('sized_ladder', '--ladder', what, '--rungs says the rates')];
}

/** Players show captions of every rung or of none, and not every codec has room for them. */
export function captionIssues({ video }: ResolvedExport, media: MediaInfo): readonly Issue[] {
  const stream = media.video.find(({ index }) => index === video.index);
  if (!stream?.closedCaptions) return [];
  const what = 'the closed captions within the pictures of the source (CEA-608/708) are not in the package';
  return [warn('captions_left_out', 'input', what, '--subtitles FILE brings them as a text track')];
}
