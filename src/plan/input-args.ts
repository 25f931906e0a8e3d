import type { ResolvedExport } from './resolved.ts';

/** Demuxers may open files only: no name or list inside a source reaches the network or another protocol. */
export const INPUT_GUARD = ['-protocol_whitelist', 'file'] as const;

const PLACES = 6;
/** Seconds as ffmpeg takes them, to the microsecond. */
export const sec = (value: number): string => String(Math.round(value * 10 ** PLACES) / 10 ** PLACES);

/** The source, from where it is read. */
export function inputArgs(resolved: ResolvedExport): readonly string[] {
  const { seekSec } = resolved.timeline;
  const { decoder, index } = resolved.video;
  return [
    ...INPUT_GUARD,
    ...(decoder ? [`-c:${index}`, decoder] : []),
    ...(seekSec > 0 ? ['-ss', sec(seekSec)] : []),
    '-i',
    `file:${resolved.source}`,
  ];
}
