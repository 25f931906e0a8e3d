import type { Bench } from './bench.ts';
import { type HlsEntry, type HlsMasterPlaylist, type HlsMediaPlaylist, readPlaylist } from './hls-read.ts';
import {
  type Claims,
  judgeClaims,
  judgeCompleteness,
  judgeRates,
  measuredRates,
  targetOf,
  variantRates,
} from './judge-claims.ts';
import { judgeImages } from './judge-images.ts';
import { judgeHlsKeys } from './judge-keys.ts';
import { judgeText } from './judge-text.ts';
import { judgeAgreement, judgeSegments, mainStream, totalSec } from './judge-times.ts';
import type { ReadRendition } from './read-pieces.ts';
import { Finder, hlsRendition } from './rendition.ts';
import { resolveUri } from './uri.ts';

interface HlsVerdict {
  /** Those that a player starts with. */
  readonly manifests: readonly string[];
  /** How long the film is; undefined where there is none. */
  readonly filmSec: number | undefined;
}

/** Judges all playlists of a folder. */
export async function judgeHls(bench: Bench, paths: readonly string[]): Promise<HlsVerdict> {
  const masters: { path: string; playlist: HlsMasterPlaylist }[] = [];
  const media = new Map<string, HlsMediaPlaylist>();
  for (const path of paths) {
    const playlist = readPlaylist(new TextDecoder().decode(await bench.files.read(path)));
    const actual = playlist.faults.length > 0 ? playlist.faults.join('; ') : 'well-formed';
    bench.checks.add('manifest_form', path, {
      expected: 'a playlist of RFC 8216',
      actual,
      ok: playlist.faults.length === 0,
    });
    if (playlist.kind === 'master') masters.push({ path, playlist });
    else media.set(path, playlist);
  }
  const texts = new Set(masters.flatMap(({ path, playlist }) => textPaths(path, playlist)));
  const reads = new Map<string, ReadRendition>();
  for (const [path, playlist] of media) reads.set(path, await judgeMedia(bench, path, playlist, texts.has(path)));
  for (const { path, playlist } of masters) await judgeMaster(bench, path, playlist, reads);
  const all = [...reads.values()];
  await judgeCaptions(bench, all);
  const film = all.find(isFilm);
  const filmSec = film && !film.rendition.isIncomplete ? totalSec(film) : undefined;
  for (const read of all.filter(({ rendition }) => rendition.holds === 'images'))
    await judgeImages(bench, read, filmSec);
  return { manifests: masters.length > 0 ? masters.map(({ path }) => path) : [...media.keys()], filmSec };
}

/** Playlists of subtitles: WebVTT is known by them, since it needs no header of its own. */
function textPaths(master: string, { renditions }: HlsMasterPlaylist): readonly string[] {
  return renditions
    .filter(({ attributes }) => attributes.get('TYPE') === 'SUBTITLES')
    .flatMap(({ uri }) => {
      const reach = resolveUri(master, uri ?? '');
      return reach.kind === 'inside' ? [reach.path] : [];
    });
}

async function judgeMedia(
  bench: Bench,
  path: string,
  playlist: HlsMediaPlaylist,
  isText: boolean,
): Promise<ReadRendition> {
  const { files, reader, checks } = bench;
  const { segments, targetSec } = playlist;
  const count = segments.length;
  checks.add('not_empty', path, { expected: 'at least one', actual: `${count}`, ok: count > 0 });
  checks.add(
    'ended',
    path,
    { expected: '#EXT-X-ENDLIST', actual: playlist.ended ? '#EXT-X-ENDLIST' : 'none', ok: playlist.ended },
    true,
  );
  if (targetSec !== undefined && count > 0) {
    const longest = Math.max(...segments.map(({ durationSec }) => Math.round(durationSec)));
    // Above the longest is allowed, but players buffer by it: much above is a mistake.
    const ok = longest <= targetSec && targetSec <= Math.max(1, longest) * 2;
    const expected = `${longest} at least, and not more than twice that`;
    checks.add('target_duration', path, { expected, actual: `${targetSec}`, ok });
  }
  const read = await reader.read(hlsRendition(path, playlist, files, checks, isText));
  judgeSegments(read, checks);
  await judgeHlsKeys(bench, path, playlist, read);
  return read;
}

const isFilm = ({ streams }: ReadRendition): boolean => streams.some(({ kind }) => kind === 'video');

/** Text can only be judged when the film's start is known. */
async function judgeCaptions({ files, checks }: Bench, reads: readonly ReadRendition[]): Promise<void> {
  const film = reads.find(isFilm);
  const stream = film?.pieces[0] && mainStream(film.pieces[0]);
  const startSec = stream ? stream.startTicks / stream.timescale : undefined;
  for (const read of reads.filter(({ rendition }) => rendition.holds === 'text')) {
    await judgeText(files, read, startSec, checks);
  }
}

type Reads = ReadonlyMap<string, ReadRendition>;

async function judgeMaster(bench: Bench, path: string, master: HlsMasterPlaylist, reads: Reads): Promise<void> {
  const { files, checks } = bench;
  const finder = new Finder(files, checks, path);
  const found = (entry: HlsEntry): ReadRendition | undefined => {
    const resource = entry.uri === undefined ? undefined : finder.find({ uri: entry.uri, range: undefined });
    return resource && reads.get(resource.path);
  };
  const renditions = master.renditions.map((entry) => ({ entry, read: found(entry) }));
  const variants = master.variants.map((entry) => ({ entry, read: found(entry) }));
  for (const entry of master.keyframes) found(entry);
  for (const entry of master.images) judgeImageEntry(bench, path, entry, found(entry));
  finder.finish();
  const playing = [...new Set([...variants, ...renditions].flatMap(({ read }) => read ?? []))];
  const targetSec = targetOf(playing.filter(({ rendition }) => rendition.holds === 'media'));
  for (const { entry, read } of variants) {
    if (read) judgeVariant(bench, path, { entry, read, renditions, targetSec });
  }
  for (const { entry, read } of renditions) judgeChannels(bench, path, entry, read);
  judgeAgreement(playing, path, checks);
}

interface Variant {
  readonly entry: HlsEntry;
  readonly read: ReadRendition;
  readonly renditions: readonly { readonly entry: HlsEntry; readonly read: ReadRendition | undefined }[];
  readonly targetSec: number;
}

function judgeVariant({ checks }: Bench, path: string, { entry, read, renditions, targetSec }: Variant): void {
  const claims = claimsOf(entry);
  const groups = ['AUDIO', 'SUBTITLES', 'VIDEO'].map((type) => {
    const group = entry.attributes.get(type);
    return renditions
      .filter(({ entry: { attributes } }) => attributes.get('TYPE') === type && attributes.get('GROUP-ID') === group)
      .flatMap((one) => one.read ?? []);
  });
  const together = [read, ...groups.flat()];
  if (together.some(({ rendition }) => rendition.isIncomplete)) return;
  const streams = together.flatMap((one) => one.streams);
  judgeCompleteness(
    claims,
    path,
    read.streams.some(({ kind }) => kind === 'video'),
    checks,
  );
  judgeClaims(claims, path, streams, checks);
  judgeRates(claims, path, variantRates(read, groups, targetSec), checks);
}

function claimsOf({ uri, attributes }: HlsEntry): Claims {
  const number = (name: string): number | undefined => {
    const value = Number(attributes.get(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  return {
    name: uri ?? '',
    bandwidth: number('BANDWIDTH'),
    averageBandwidth: number('AVERAGE-BANDWIDTH'),
    codecs: attributes.get('CODECS'),
    resolution: attributes.get('RESOLUTION'),
    frameRate: number('FRAME-RATE'),
    videoRange: attributes.get('VIDEO-RANGE'),
    channels: undefined,
  };
}

function judgeChannels({ checks }: Bench, path: string, entry: HlsEntry, read: ReadRendition | undefined): void {
  const claimed = entry.attributes.get('CHANNELS');
  const sound = read?.streams.find(({ kind }) => kind === 'audio');
  if (claimed === undefined || sound?.channels === undefined) return;
  // `16/JOC`: what follows the count is how it is coded.
  const ok = Number(claimed.replace(/\/.*$/s, '')) === sound.channels;
  checks.add('channels', path, { expected: `${sound.channels}`, actual: `${claimed} (${entry.uri ?? ''})`, ok });
}

/** What a master says of a track of pictures: the size of one thumbnail, and what the sheets take. */
function judgeImageEntry({ checks }: Bench, path: string, entry: HlsEntry, read: ReadRendition | undefined): void {
  const claims = claimsOf(entry);
  if (!read || read.rendition.isIncomplete) return;
  const tiles = read.pieces[0]?.piece.tiles;
  if (claims.resolution !== undefined && tiles?.width !== undefined) {
    const expected = `${tiles.width}x${tiles.height}`;
    const actual = `${claims.resolution} (${claims.name})`;
    checks.add('resolution', path, { expected, actual, ok: claims.resolution === expected });
  }
  judgeRates({ ...claims, averageBandwidth: undefined }, path, measuredRates(read, targetOf([read])), checks);
}
