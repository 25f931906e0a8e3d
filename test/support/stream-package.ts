import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One segment of an HLS playlist, as it is fetched. */
export interface ListedSegment {
  readonly path: string;
  readonly sec: number;
  readonly bytes: Buffer;
}

export interface Playlist {
  readonly text: string;
  readonly init: Buffer | undefined;
  readonly segments: readonly ListedSegment[];
}

function part(path: string, range: string | undefined): Buffer {
  const [length, offset] = (range ?? '').split('@').map(Number);
  const bytes = readFileSync(path);
  return range === undefined ? bytes : bytes.subarray(offset, (offset ?? 0) + (length ?? 0));
}

/** A media playlist with all that it names; throws where something is missing. */
export function readPlaylist(path: string): Playlist {
  const text = readFileSync(path, 'utf8');
  const at = (uri: string) => join(dirname(path), decodeURIComponent(uri));
  const map = /#EXT-X-MAP:URI="([^"]+)"(?:,BYTERANGE="([^"]+)")?/.exec(text);
  const segments = [
    ...text.matchAll(/#EXTINF:([\d.]+),\n(?:#EXT-X-TILES:.*\n)?(?:#EXT-X-BYTERANGE:(\S+)\n)?([^#\n]+)/g),
  ].map((match) => {
    const [, sec, range, uri = ''] = match;
    return { path: at(uri), sec: Number(sec), bytes: part(at(uri), range) };
  });
  return { text, init: map?.[1] ? part(at(map[1]), map[2]) : undefined, segments };
}

/** Playlists that a master playlist names: its variants, and what stands beside them. */
export function playlistsOf(master: string): {
  readonly variants: readonly string[];
  readonly media: readonly string[];
} {
  const text = readFileSync(master, 'utf8');
  const at = (uri: string | undefined) => join(dirname(master), decodeURIComponent(uri ?? ''));
  return {
    variants: [...text.matchAll(/#EXT-X-STREAM-INF:.*\n(.+)/g)].map((match) => at(match[1])),
    media: [...text.matchAll(/#EXT-X-MEDIA:.*URI="([^"]+)"/g)].map((match) => at(match[1])),
  };
}

export interface Packet {
  readonly sec: number;
  readonly isKey: boolean;
}

/** Packets in the order of the file, of the first stream of the bytes as ffprobe reads them. */
export function packetsOf(...bytes: readonly (Buffer | undefined)[]): readonly Packet[] {
  const input = Buffer.concat(bytes.filter((one) => one !== undefined));
  const args = ['-v', 'error', '-select_streams', '0', '-show_entries', 'packet=pts_time,flags', '-of', 'csv=p=0', '-'];
  const text = execFileSync('ffprobe', args, { input, encoding: 'utf8', maxBuffer: 1 << 26 });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [sec, flags = ''] = line.split(',');
      return { sec: Number(sec), isKey: flags.startsWith('K') };
    });
}

/** What a decoder complains of, from the first to the last segment. */
export function complaintsOf({ init, segments }: Playlist): string {
  const input = Buffer.concat([init ?? Buffer.alloc(0), ...segments.map(({ bytes }) => bytes)]);
  const args = ['-v', 'warning', '-i', '-', '-f', 'null', '-'];
  return execFileSync('ffmpeg', args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 1 << 26 });
}

export const secondsOf = ({ segments }: Playlist): number => segments.reduce((sum, { sec }) => sum + sec, 0);
export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
