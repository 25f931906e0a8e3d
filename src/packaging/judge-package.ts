import type { Issue } from '../model/errors.ts';
import { Checks, issueOf, type PackageCheck } from './check.ts';
import { judgeDash } from './judge-dash.ts';
import { judgeHls } from './judge-hls.ts';
import type { PackageFiles, ProbeBytes } from './ports.ts';
import { PieceReader } from './read-pieces.ts';

export interface PackageVerdict {
  /** Playlists and manifests that a player may be pointed at; empty: this is no package. */
  readonly manifests: readonly string[];
  readonly checks: readonly PackageCheck[];
  /** The checks that did not pass, as findings. */
  readonly issues: readonly Issue[];
}

/**
 * Judges a package by what lies in its folder, whoever made it: every address leads to a file of it, and everything that
 * playlists and manifests claim is what the segments say.
 *
 * @param probe asks a decoder for what cannot be read from headers: sizes and colours of transport streams
 */
export async function judgePackage(files: PackageFiles, probe: ProbeBytes): Promise<PackageVerdict> {
  const checks = new Checks();
  const reader = new PieceReader(files, probe);
  const manifests: string[] = [];
  const paths = [...files.sizes.keys()].sort();
  manifests.push(
    ...(await judgeHls(
      { files, reader, checks },
      paths.filter((path) => /\.m3u8?$/i.test(path)),
    )),
  );
  for (const path of paths.filter((one) => /\.mpd$/i.test(one))) {
    await judgeDash({ files, reader, checks }, path);
    manifests.push(path);
  }
  const issues = checks.all.filter(({ ok }) => !ok).map(issueOf);
  return { manifests, checks: checks.all, issues };
}
