import { keyframeTargetSec, targetDurationSec } from './bandwidth.ts';
import { dashManifest } from './dash-manifest.ts';
import { hlsMasterPlaylist } from './hls-master-playlist.ts';
import { hlsImagePlaylist, hlsKeyframePlaylist, hlsMediaPlaylist } from './hls-media-playlist.ts';
import { DASH_MANIFEST, MASTER_PLAYLIST, type StreamPackage } from './package.ts';

/** A text file of a package, its path relative to the package's folder. */
export interface ManifestFile {
  readonly path: string;
  readonly text: string;
}

/** All playlists and manifests of a package: what a player is pointed at comes last, so that it never names what is not there. */
export function packageManifests(pack: StreamPackage): readonly ManifestFile[] {
  const targetSec = targetDurationSec([...pack.video, ...pack.audio]);
  return [
    ...(pack.kind === 'dash' ? [] : hlsFiles(pack, targetSec)),
    ...(pack.kind === 'hls' ? [] : [{ path: DASH_MANIFEST, text: dashManifest(pack, targetSec) }]),
  ];
}

function hlsFiles(pack: StreamPackage, targetSec: number): readonly ManifestFile[] {
  // Subtitles, I-frames and images may have targets of their own (RFC 8216, 6.2.4), and sheets of images last longer.
  const own = (track: Parameters<typeof targetDurationSec>[0][number]) =>
    Math.max(targetSec, targetDurationSec([track]));
  return [
    ...[...pack.video, ...pack.audio].map((track) => ({
      path: track.playlist,
      text: hlsMediaPlaylist(track, targetSec),
    })),
    ...pack.subtitles.map((track) => ({ path: track.playlist, text: hlsMediaPlaylist(track, own(track)) })),
    ...pack.video.flatMap((track) =>
      track.keyframes
        ? [
            {
              path: track.keyframes.playlist,
              text: hlsKeyframePlaylist(track, track.keyframes, keyframeTargetSec(track, track.keyframes)),
            },
          ]
        : [],
    ),
    ...pack.images.map((track) => ({ path: track.playlist, text: hlsImagePlaylist(track, own(track)) })),
    { path: MASTER_PLAYLIST, text: hlsMasterPlaylist(pack, targetSec) },
  ];
}
