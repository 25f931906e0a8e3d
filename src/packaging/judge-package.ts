import type { Issue } from '../model/errors.ts';
import { Checks, issueOf, type PackageCheck } from './check.ts';
import { judgeDash } from './judge-dash.ts';
import { judgeHls } from './judge-hls.ts';
import { judgeIndexes } from './judge-images.ts';
import type { Decoder, PackageFiles } from './ports.ts';
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
 * @param decoder is asked for what cannot be read from headers: sizes and colours of transport streams, and pictures
 */
export async function judgePackage(files: PackageFiles, decoder: Decoder): Promise<PackageVerdict> {
  const checks = new Checks();
  const bench = { files, checks, reader: new PieceReader(files, decoder) };
  const paths = [...files.sizes.keys()].sort();
  const hls = await judgeHls(
    bench,
    paths.filter((path) => /\.m3u8?$/i.test(path)),
  );
  const manifests = [...hls.manifests];
  let filmSec = hls.filmSec;
  for (const path of paths.filter((one) => /\.mpd$/i.test(one))) {
    filmSec = (await judgeDash(bench, path)) ?? filmSec;
    manifests.push(path);
  }
  await judgeIndexes(bench, paths, filmSec);
  const issues = checks.all.filter(({ ok }) => !ok).map(issueOf);
  return { manifests, checks: checks.all, issues };
}
