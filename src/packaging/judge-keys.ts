import type { Bench } from './bench.ts';
import type { DashRepresentation } from './dash-read.ts';
import type { HlsMediaPlaylist } from './hls-read.ts';
import type { InitTrack } from './mp4-init.ts';
import type { ReadRendition } from './read-pieces.ts';
import { resolveUri } from './uri.ts';

const AES_KEY_BYTES = 16;

/** The tracks of a rendition's header; none where it has no header, or none that can be read. */
async function headers({ reader }: Bench, { pieces }: ReadRendition): Promise<readonly InitTrack[]> {
  const init = pieces[0]?.piece.init;
  return init ? reader.header(init) : [];
}

/** A key that lies in the folder is one; one that does not must be somebody else's to serve. */
function judgeKeyPlaces({ files, checks }: Bench, path: string, playlist: HlsMediaPlaylist): void {
  const keys = new Map(
    playlist.segments.flatMap(({ key }) => (key?.uri === undefined ? [] : [[key.uri, key] as const])),
  );
  for (const [uri, { method }] of keys) {
    const reach = resolveUri(path, uri);
    if (reach.kind === 'outside' && reach.reason === 'remote') continue;
    const bytes = reach.kind === 'inside' ? files.sizes.get(reach.path) : undefined;
    if (bytes === undefined) {
      const expected = 'a whole address, or a file of the package';
      checks.add('key', path, { expected, actual: `${uri}, which is not in the folder`, ok: false }, true);
    } else if (method === 'AES-128') {
      const expected = `${AES_KEY_BYTES} bytes`;
      const actual = `${bytes} bytes in ${reach.kind === 'inside' ? reach.path : uri}`;
      checks.add('key', path, { expected, actual, ok: bytes === AES_KEY_BYTES });
    }
  }
}

/** What playlists say of keys, beside what the headers of the segments say. */
export async function judgeHlsKeys(
  bench: Bench,
  path: string,
  playlist: HlsMediaPlaylist,
  read: ReadRendition,
): Promise<void> {
  judgeKeyPlaces(bench, path, playlist);
  const method = playlist.segments[0]?.key?.method;
  const tracks = await headers(bench, read);
  if (method === 'AES-128' || tracks.length === 0) return;
  const schemes = tracks.flatMap(({ protection }) => protection?.scheme ?? []);
  const expected = schemes.length > 0 ? `METHOD=${schemes[0] === 'cbcs' ? 'SAMPLE-AES' : 'SAMPLE-AES-CTR'}` : 'none';
  const actual = method === undefined ? 'none' : `METHOD=${method}`;
  // What was agreed on between a page and its player need not stand in a playlist.
  const isUntold = method === undefined && schemes.length > 0;
  bench.checks.add('protection', path, { expected, actual, ok: expected === actual }, isUntold);
}

/** The same of DASH: whether it is protected, and by which key. */
export async function judgeDashKeys(
  bench: Bench,
  path: string,
  { id, isProtected, keyId }: DashRepresentation,
  read: ReadRendition,
): Promise<void> {
  const tracks = await headers(bench, read);
  if (tracks.length === 0) return;
  const kid = tracks.map(({ protection }) => protection?.kid).find((one) => one !== undefined);
  const said = isProtected ? `ContentProtection${keyId === undefined ? '' : ` with key ${keyId}`}` : 'none';
  const expected = kid === undefined ? 'none' : `ContentProtection${keyId === undefined ? '' : ` with key ${kid}`}`;
  bench.checks.add('protection', path, { expected, actual: `${said} (${id})`, ok: said === expected });
}
