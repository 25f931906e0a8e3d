import type { ResolvedExport } from './resolved.ts';

/** Without it ffmpeg counts from a file's first line. */
export const OWN_TIMES = ['-seek_timestamp', '1'] as const;

/** Opens the file that `--subtitles` names, as what it was found to be; nothing where there is none. */
export function subtitleFileInput({ subtitles, subtitleFile: file }: ResolvedExport): readonly string[] {
  if (!file || !subtitles.some(({ fromFile }) => fromFile)) return [];
  return ['-protocol_whitelist', 'file', ...OWN_TIMES, '-f', file.format, '-i', `file:${file.path}`];
}
