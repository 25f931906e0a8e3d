import { join } from 'node:path';
import { openPackageFolder } from '../files/package-folder.ts';
import type { PackageResult } from '../model/events.ts';
import { DASH_MANIFEST, MASTER_PLAYLIST } from '../packaging/package.ts';
import { countRenditions, isPackagePath } from '../packaging/package-paths.ts';
import type { PlannedPackage } from './planned-package.ts';

/** A package that is in place. */
export interface StandingPackage {
  readonly result: PackageResult;
  /** Bytes of its files, by their absolute paths. */
  readonly sizes: ReadonlyMap<string, number>;
}

const MANIFESTS = { hls: [MASTER_PLAYLIST], dash: [DASH_MANIFEST], cmaf: [MASTER_PLAYLIST, DASH_MANIFEST] } as const;

/** What is told of a package, by what lies in its folder. Throws SgError INPUT where that is gone. */
export async function standingPackage({
  destination,
  ladder,
}: Pick<PlannedPackage, 'destination' | 'ladder'>): Promise<StandingPackage> {
  const found = [...(await openPackageFolder(destination, destination)).sizes].filter(([path]) => isPackagePath(path));
  const sizes = new Map(found.sort().map(([path, bytes]) => [join(destination, path), bytes] as const));
  const paths = found.map(([path]) => path);
  const count = (kind: 'video' | 'audio' | 'text') => countRenditions(paths, kind);
  const manifests = MANIFESTS[ladder.kind].map((name) => join(destination, name));
  const result: PackageResult = {
    kind: ladder.kind,
    folder: destination,
    manifest: manifests[0] ?? destination,
    manifests,
    files: [...sizes.keys()],
    bytes: [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
    renditions: { video: count('video'), audio: count('audio'), text: count('text') },
  };
  return { result, sizes };
}

/** The files of a rendition in its package, by whose base name they begin: `video_720p_h264`. */
export function renditionFiles({ result, sizes }: StandingPackage, base: string): Readonly<Record<string, number>> {
  const start = join(result.folder, base);
  const isOwn = (path: string) => [`${start}/`, `${start}.`, `${start}_keyframes.`].some((one) => path.startsWith(one));
  return Object.fromEntries([...sizes].filter(([path]) => isOwn(path)));
}
