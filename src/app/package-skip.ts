import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { openPackageFolder } from '../files/package-folder.ts';
import { sameFolder, stampFolder } from '../files/package-stamp.ts';
import { sameContent } from '../files/stamp.ts';
import type { Issue } from '../model/errors.ts';
import type { FileStamp, OutputRecord } from '../model/history.ts';
import { isPackagePath } from '../packaging/package-paths.ts';
import { wrong } from '../plan/finding.ts';
import type { Prepared, Session } from './call.ts';
import { type StandingPackage, standingPackage } from './package-result.ts';
import type { PlannedPackage } from './planned-package.ts';
import { requestHash } from './request-hash.ts';

const hashOf = ({ asked, resolved }: Prepared): string => {
  const request = asked ?? resolved;
  return request ? requestHash(request) : '';
};

/** Digest of everything that shapes a package. `renditions`: its pictures, in the order of its rungs. */
function packageHash({ ladder, cut, sounds, texts, whole }: PlannedPackage, renditions: readonly Prepared[]): string {
  const { kind, isSingleFile, format, hasThumbnails, encryption } = ladder;
  const shaped = { kind, isSingleFile, format, hasThumbnails, isEncrypted: encryption !== undefined };
  return createHash('sha256')
    .update(JSON.stringify([1, shaped, cut, sounds, texts, hashOf(whole), renditions.map(hashOf)]))
    .digest('hex');
}

/** What `--skip-existing` finds where a package is to be: it is there; it is to be made (again, where `replace`); or it cannot. */
export type PackageDecision =
  | { readonly kind: 'complete'; readonly standing: StandingPackage }
  | { readonly kind: 'make'; readonly replace: boolean }
  | { readonly kind: 'refused'; readonly issue: Issue };

const refused = (path: string, what: string, hint: string): PackageDecision => ({
  kind: 'refused',
  issue: wrong('output_exists', path, what, hint, 'USAGE'),
});

/** A folder of ours in which somebody keeps files of his own is not replaced: they would go with it. */
async function strangerIn(folder: string): Promise<string | undefined> {
  const { sizes } = await openPackageFolder(folder, folder);
  return [...sizes.keys()].find((path) => !isPackagePath(path));
}

/**
 * Judges what stands at a package's place. It is made again only where the history says that sg-export wrote it and it is
 * stale or damaged; what else stands there is never touched.
 */
export async function judgePackage(
  { history }: Pick<Session, 'history'>,
  planned: PlannedPackage,
  renditions: readonly Prepared[],
  signal: AbortSignal,
): Promise<PackageDecision> {
  const { destination, whole } = planned;
  const there = await lstat(destination).catch(() => undefined);
  if (!there) return { kind: 'make', replace: false };
  const elsewhere = '--overwrite replaces a package; or another --output-folder';
  if (!there.isDirectory()) return refused(destination, `${destination} exists and is no folder`, elsewhere);
  const record = history.findOutput(destination);
  if (!record) {
    const why = history.problem ? ` (${history.problem})` : '';
    return refused(destination, `${destination} exists, and nothing says that sg-export wrote it${why}`, elsewhere);
  }
  const isSame =
    record.requestHash === packageHash(planned, renditions) &&
    (await sameFolder(record.output, { isOwn: isPackagePath, signal })) &&
    (await sameContent(record.source, whole.sourcePath, { signal }));
  if (isSame) {
    const { result, sizes } = await standingPackage(planned);
    return { kind: 'complete', standing: { result: { ...result, skipped: true }, sizes } };
  }
  const stranger = await strangerIn(destination);
  if (stranger === undefined) return { kind: 'make', replace: true };
  const what = `${destination} is to be made again, and holds ${basename(stranger)}, which sg-export did not write`;
  return refused(destination, what, `move ${join(destination, stranger)} away; or --overwrite`);
}

/** Lets a later `--skip-existing` know a package that is in place. */
export async function rememberPackage(
  { history }: Pick<Session, 'history'>,
  planned: PlannedPackage,
  renditions: readonly Prepared[],
  { exportId, source, signal }: { readonly exportId: string; readonly source: FileStamp; readonly signal: AbortSignal },
): Promise<void> {
  const output = await stampFolder(planned.destination, { isOwn: isPackagePath, signal });
  const record: OutputRecord = {
    export_id: exportId,
    output,
    source,
    requestHash: packageHash(planned, renditions),
  };
  history.rememberOutput(record);
}
