import { execFileSync, spawnSync } from 'node:child_process';

/** Why nothing is asked of MediaInfo here; undefined where it is installed. */
export const noMediaInfo: string | undefined =
  spawnSync('mediainfo', ['--Version']).error === undefined ? undefined : 'mediainfo is not installed';
if (noMediaInfo) console.warn(`what MediaInfo reads in masters: skipped, ${noMediaInfo}`);

/** A track as MediaInfo reads it; `@type` is General, Video, Audio, Text, Menu or Other. */
export type ReadTrack = Readonly<Record<string, string | undefined>>;

/** All that MediaInfo reads of a file: one entry for the file, then one for each track. */
export function mediaInfoOf(path: string): readonly ReadTrack[] {
  const text = execFileSync('mediainfo', ['--Full', '--Output=JSON', path], { encoding: 'utf8' });
  return JSON.parse(text).media.track;
}
