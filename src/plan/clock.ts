import type { MediaInfo } from '../model/media.ts';
import { isFormat, JUMPING_FORMATS } from '../model/media-formats.ts';
import type { ResolvedExport } from './resolved.ts';

const CLOCK_SLACK_SEC = 0.001;

/**
 * Of a transport stream ffmpeg counts from the first packet of the streams that are in use (5.1.9: "Correcting start
 * time"), and the plan from the first packet of all: where that one is not among the used, it is read for the clock only.
 */
export function clockStream(media: MediaInfo, used: readonly number[]): number | undefined {
  if (!isFormat(media.format, JUMPING_FORMATS)) return undefined;
  const streams = [...media.video, ...media.audio];
  const startSec = Math.min(...streams.map((stream) => stream.startSec));
  const firsts = streams.filter((stream) => stream.startSec <= startSec + CLOCK_SLACK_SEC);
  return firsts.some(({ index }) => used.includes(index)) ? undefined : firsts[0]?.index;
}

/** An output that nobody gets, by which that stream is read. */
export function clockArgs(media: MediaInfo, used: readonly number[]): readonly string[] {
  const index = clockStream(media, used);
  return index === undefined ? [] : ['-map', `0:${index}`, '-c', 'copy', '-f', 'null', '-'];
}

/** Streams of the source that are delivered: the picture first. */
export const usedStreams = ({ video, audio }: ResolvedExport): readonly number[] => [
  video.index,
  ...audio.filter(({ silent }) => !silent).map(({ index }) => index),
];
