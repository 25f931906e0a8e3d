import { byteRange, keyTag, mapTag, tag } from './hls-syntax.ts';
import type { Encryption, ImageTrack, KeyframePlaylist, Segment, Track, VideoTrack } from './package.ts';
import { uriFrom } from './uri.ts';

type Playable = Track & { readonly encryption?: Encryption | undefined };

/** The version that a playlist's features need (RFC 8216, 7): the lowest, so that old players are not turned away. */
function versionOf(track: Playable, keyframesOnly: boolean): number {
  if (track.init) return keyframesOnly ? 5 : 6;
  if (keyframesOnly || track.segments.some(({ range }) => range)) return 4;
  return 3;
}

/** Six digits are exact to the tick of all usual time scales over any film, once a player adds them up. */
const extinf = (segment: Segment, timescale: number): string =>
  `#EXTINF:${(segment.durationTicks / timescale).toFixed(6)},`;

function segmentLines(playlist: string, segment: Segment, timescale: number): readonly string[] {
  return [
    extinf(segment, timescale),
    ...(segment.range ? [`#EXT-X-BYTERANGE:${byteRange(segment.range)}`] : []),
    uriFrom(playlist, segment.path),
  ];
}

function head(version: number, targetSec: number): readonly string[] {
  return [
    '#EXTM3U',
    `#EXT-X-VERSION:${version}`,
    `#EXT-X-TARGETDURATION:${targetSec}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
  ];
}

const text = (lines: readonly (string | undefined)[]): string =>
  `${lines.filter((line) => line !== undefined).join('\n')}\n`;

/**
 * The media playlist of a track.
 *
 * @param targetSec EXT-X-TARGETDURATION, whole seconds: the same for all variants and their sound (RFC 8216, 6.2.4).
 */
export function hlsMediaPlaylist(track: Playable, targetSec: number): string {
  return text([
    ...head(versionOf(track, false), targetSec),
    track.segments.every(({ startsWithKeyframe }) => startsWithKeyframe) ? '#EXT-X-INDEPENDENT-SEGMENTS' : undefined,
    // A header that follows a key is encrypted with it (RFC 8216, 4.3.2.4): ours is in the clear.
    track.init && mapTag(track.playlist, track.init),
    keyTag(track.encryption),
    ...track.segments.flatMap((segment) => segmentLines(track.playlist, segment, track.timescale)),
    '#EXT-X-ENDLIST',
  ]);
}

/** The I-frame playlist of a film: for scrubbing and fast play. */
export function hlsKeyframePlaylist(track: VideoTrack, keyframes: KeyframePlaylist, targetSec: number): string {
  return text([
    ...head(versionOf(track, true), targetSec),
    '#EXT-X-I-FRAMES-ONLY',
    track.init && mapTag(keyframes.playlist, track.init),
    keyTag(track.encryption),
    ...keyframes.segments.flatMap((segment) => segmentLines(keyframes.playlist, segment, track.timescale)),
    '#EXT-X-ENDLIST',
  ]);
}

/** The image playlist of a thumbnails track, in the form of the Image Media Playlist Specification (Roku and others). */
export function hlsImagePlaylist(track: ImageTrack, targetSec: number): string {
  const tiles = tag('EXT-X-TILES', [
    ['RESOLUTION', `${track.width}x${track.height}`],
    ['LAYOUT', `${track.columns}x${track.rows}`],
    ['DURATION', (track.tileTicks / track.timescale).toFixed(3)],
  ]);
  return text([
    ...head(7, targetSec),
    '#EXT-X-IMAGES-ONLY',
    ...track.segments.flatMap((segment) => {
      const [extinfLine = '', ...uri] = segmentLines(track.playlist, segment, track.timescale);
      return [extinfLine, tiles, ...uri];
    }),
    '#EXT-X-ENDLIST',
  ]);
}
