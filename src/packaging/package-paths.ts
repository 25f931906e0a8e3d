import { DASH_MANIFEST, MASTER_PLAYLIST } from './package.ts';

const ID = '(?:(?:video|audio|text)_\\w+|thumbnails)';
const PARTS = '(?:\\d{5,}\\.(?:m4s|ts|vtt|jpg)|init\\.mp4|playlist\\.m3u8|keyframes\\.m3u8)';
const OWN = new RegExp(`^(?:${ID}/${PARTS}|${ID}\\.(?:mp4|m3u8|vtt))$`);

/** Whether a file has a name that only sg-export gives to files of its packages: what else lies there is somebody's own. */
export const isPackagePath = (path: string): boolean =>
  path === MASTER_PLAYLIST || path === DASH_MANIFEST || OWN.test(path);

/** Renditions of a kind among the files of a package: each has a folder or a file of its own. */
export function countRenditions(paths: readonly string[], kind: 'video' | 'audio' | 'text'): number {
  const ids = paths.flatMap((path) => /^([a-z]+_\w+?)(?:_keyframes)?(?:[/.]|$)/.exec(path)?.[1] ?? []);
  return new Set(ids.filter((id) => id.startsWith(`${kind}_`))).size;
}
