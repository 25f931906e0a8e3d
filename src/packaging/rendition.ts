import type { Checks } from './check.ts';
import type { DashManifest, DashRepresentation } from './dash-read.ts';
import type { HlsMediaPlaylist, Reference } from './hls-read.ts';
import { findIndex, headerRange } from './mp4-segment.ts';
import type { Resource } from './package.ts';
import type { PackageFiles } from './ports.ts';
import type { Tiles } from './tiles.ts';
import { resolveUri } from './uri.ts';

/** A segment as a playlist or manifest names it, found in the folder. */
export interface Piece extends Resource {
  readonly init: Resource | undefined;
  /** What is claimed of it, seconds: `startSec` on its stream's own line, in DASH alone. */
  readonly durationSec: number;
  readonly startSec: number | undefined;
  readonly isEncrypted: boolean;
  readonly discontinuity: boolean;
  readonly tiles?: Tiles | undefined;
}

/** A track as a playlist or a Representation describes it. */
export interface Rendition {
  readonly manifest: string;
  /** `video/720p.m3u8`, or `manifest.mpd (v720p)`. */
  readonly name: string;
  readonly holds: 'media' | 'keyframes' | 'images' | 'text';
  readonly pieces: readonly Piece[];
  /** Not all that is named is there: sums of it mean nothing. */
  readonly isIncomplete: boolean;
  /** Times are nominal: each may be off by half a segment (ISO/IEC 23009-1, 5.3.9.2). */
  readonly isNominal: boolean;
}

const REASONS = {
  remote: 'an address on another host',
  absolute: 'an absolute path',
  upwards: 'a path that leads out of the folder',
  malformed: 'no valid relative address',
};

/** Missing files of one manifest that are listed one by one. */
const MAX_TOLD = 10;

/** Checks addresses, and turns those that lead to something into resources. */
export class Finder {
  readonly #files: PackageFiles;
  readonly #checks: Checks;
  readonly #manifest: string;
  readonly #told = new Set<string>();
  #failed = 0;
  #found = 0;

  constructor(files: PackageFiles, checks: Checks, manifest: string) {
    this.#files = files;
    this.#checks = checks;
    this.#manifest = manifest;
  }

  get failed(): number {
    return this.#failed;
  }

  find(reference: Reference): Resource | undefined {
    const { uri, range } = reference;
    const reach = resolveUri(this.#manifest, uri);
    if (reach.kind === 'outside')
      return this.#fail('uri_inside', this.#manifest, `${uri} is ${REASONS[reach.reason]}`, 'a path in the folder');
    const { path } = reach;
    const size = this.#files.sizes.get(path);
    if (size === undefined)
      return this.#fail('uri_exists', path, `missing, though ${this.#manifest} names it`, 'it to be there');
    if (size === 0 || range?.length === 0) return this.#fail('file_not_empty', path, '0 bytes', 'more than 0 bytes');
    const end = range ? range.offset + range.length : 0;
    if (end > size)
      return this.#fail('byte_range', path, `bytes up to ${end} of ${size}`, `bytes up to ${size} at most`);
    this.#found++;
    return { path, range };
  }

  /** Says that all was found, or how much more is missing than was told. */
  finish(): void {
    const more = this.#told.size - MAX_TOLD;
    if (more > 0) {
      const actual = `${more} more addresses that lead to nothing`;
      this.#checks.add('uri_exists', this.#manifest, { expected: 'none', actual, ok: false });
    }
    if (this.#failed > 0 || this.#found === 0) return;
    const text = `${this.#found} files or ranges that exist`;
    this.#checks.add('uri_exists', this.#manifest, { expected: text, actual: text, ok: true });
  }

  #fail(
    name: 'uri_inside' | 'uri_exists' | 'file_not_empty' | 'byte_range',
    path: string,
    actual: string,
    expected: string,
  ): undefined {
    const told = `${name} ${path} ${actual}`;
    // A header that each of many segments names is missing once; and a long film's segments need not all be listed.
    if (!this.#told.has(told) && this.#told.size < MAX_TOLD)
      this.#checks.add(name, path, { expected, actual, ok: false });
    this.#told.add(told);
    this.#failed++;
    return undefined;
  }
}

export function hlsRendition(
  path: string,
  playlist: HlsMediaPlaylist,
  files: PackageFiles,
  checks: Checks,
  isText: boolean,
): Rendition {
  const finder = new Finder(files, checks, path);
  const pieces = playlist.segments.flatMap((segment): readonly Piece[] => {
    const init = segment.init && finder.find(segment.init);
    const resource = finder.find(segment);
    if (!resource || (segment.init && !init)) return [];
    const { durationSec, discontinuity, tiles } = segment;
    // SAMPLE-AES leaves headers and times in the clear; AES-128 leaves nothing.
    const isEncrypted = segment.key?.method === 'AES-128';
    return [{ ...resource, init, durationSec, startSec: undefined, isEncrypted, discontinuity, tiles }];
  });
  finder.finish();
  const holds = isText ? 'text' : playlist.holds;
  return { manifest: path, name: path, holds, pieces, isIncomplete: finder.failed > 0, isNominal: false };
}

const TEXT_TYPES = ['text/vtt', 'application/ttml+xml'];

export async function dashRendition(
  path: string,
  manifest: DashManifest,
  representation: DashRepresentation,
  files: PackageFiles,
  checks: Checks,
): Promise<Rendition> {
  const { addresses, id, mimeType, tiles } = representation;
  const finder = new Finder(files, checks, path);
  const init = addresses.init && finder.find(addresses.init);
  const clear = { isEncrypted: false, discontinuity: false };
  const pieces: Piece[] = [];
  for (const segment of addresses.segments) {
    const resource = finder.find(segment);
    if (!resource) continue;
    const [durationSec, startSec] = [segment.durationTicks, segment.startTicks].map(
      (ticks) => ticks / addresses.timescale,
    );
    pieces.push({ ...resource, init, durationSec: durationSec ?? 0, startSec, ...clear, tiles });
  }
  if (addresses.file) {
    const file = finder.find({ ...addresses.file, range: undefined });
    const durationSec = representation.periodSec ?? manifest.durationSec ?? 0;
    const header = file && !TEXT_TYPES.includes(mimeType) ? await headerRange(files, file.path) : undefined;
    const whole = {
      ...clear,
      durationSec,
      startSec: undefined,
      init: file && header && { path: file.path, range: header },
    };
    if (file && addresses.kind === 'index')
      pieces.push(...(await indexed(representation, file, files, finder, checks, path)));
    else if (file) pieces.push({ ...file, ...whole });
  }
  finder.finish();
  const holds = mimeType.startsWith('image/') ? 'images' : TEXT_TYPES.includes(mimeType) ? 'text' : 'media';
  const isNominal = addresses.kind === 'nominal';
  return { manifest: path, name: `${path} (${id})`, holds, pieces, isIncomplete: finder.failed > 0, isNominal };
}

/** Segments as the `sidx` of a single file tells them. */
async function indexed(
  { addresses, id }: DashRepresentation,
  file: Resource,
  files: PackageFiles,
  finder: Finder,
  checks: Checks,
  manifest: string,
): Promise<readonly Piece[]> {
  const found = await findIndex(files, file.path, addresses.file?.range);
  const actual = found ? `an index of ${found.index.entries.length} segments` : 'no sidx there';
  checks.add('segment_structure', file.path, {
    expected: `the index that Representation ${id} of ${manifest} names`,
    actual,
    ok: found !== undefined,
  });
  const init = addresses.init && finder.find(addresses.init);
  const pieces: Piece[] = [];
  let at = found?.index.startTicks ?? 0;
  for (const { range, durationTicks } of found?.index.entries ?? []) {
    const timescale = found?.index.timescale || 1;
    if (finder.find({ uri: addresses.file?.uri ?? '', range })) {
      const times = { durationSec: durationTicks / timescale, startSec: at / timescale };
      pieces.push({ path: file.path, range, init, ...times, isEncrypted: false, discontinuity: false });
    }
    at += durationTicks;
  }
  return pieces;
}
