import type { Rational } from '../model/rational.ts';

/**
 * A streaming package as plain data: what the writers turn into playlists and manifests, and what they say is true because
 * every number here was measured from finished segments (`measure-track.ts`), none of it asked for or guessed.
 *
 * How it is used:
 *
 * 1. Segments are made, each track in files of its own: many files, or one file with byte ranges.
 * 2. `measureTrack(files, places)` reads them and gives timescale, codec, size, channels and the segments with their times.
 * 3. The tracks are put together to a `StreamPackage`; names, languages and groups come from the request.
 * 4. `packageManifests(package)` gives every text file with its path; they are written into the folder.
 * 5. `judgePackage(files, facts)` reads the whole folder again, knowing nothing of the above, and lists what is wrong.
 *
 * Paths: all are relative to the package's folder, with forward slashes, as they are on disk; writers make them relative to
 * the playlist that names them, and percent-encode them. No path is absolute or leads upwards.
 *
 * Times: whole ticks of the track's own `timescale` (ticks a second), so that nothing is rounded before it is printed.
 *
 * Bit rates are not kept: they follow from the segments (`bandwidth.ts`).
 */
export interface StreamPackage {
  /** `hls` has a master playlist, `dash` a manifest, `cmaf` both above one set of fragmented MP4 segments. */
  readonly kind: PackageKind;
  /** In the order in which players should see them: the first is what they start with. */
  readonly video: readonly VideoTrack[];
  readonly audio: readonly AudioTrack[];
  readonly subtitles: readonly SubtitleTrack[];
  readonly images: readonly ImageTrack[];
}

export type PackageKind = 'hls' | 'dash' | 'cmaf';

/** Names of the files that a player is pointed at, at the top of the folder. */
export const MASTER_PLAYLIST = 'master.m3u8';
export const DASH_MANIFEST = 'manifest.mpd';

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** A whole file, or a part of one. */
export interface Resource {
  readonly path: string;
  readonly range?: ByteRange | undefined;
}

export interface Segment extends Resource {
  /**
   * Earliest presentation time of its samples, ticks; edit lists are not applied. Equals `tfdt` where no sample is shown later
   * than it is decoded at the start (`-movflags +negative_cts_offsets`), which players and both manifests like best.
   */
  readonly startTicks: number;
  /** Sum of its samples' durations. */
  readonly durationTicks: number;
  /** Bytes that a player fetches for it: its file's, or its range's. */
  readonly bytes: number;
  readonly startsWithKeyframe: boolean;
}

/** What every track of segments has. */
export interface Track {
  /** Unique in the package, letters, digits, `-` and `_`: DASH's Representation id, such as `v1080p_h264`. */
  readonly id: string;
  /** Where its HLS media playlist goes, such as `video/1080p.m3u8`; unused in a package of DASH alone. */
  readonly playlist: string;
  /** Ticks a second: of `mdhd` in MP4, 90000 in MPEG-TS, 1000 for WebVTT. */
  readonly timescale: number;
  /** Header of fragmented MP4 (`ftyp`, `moov`); undefined for other formats. */
  readonly init: Resource | undefined;
  /** Of a single file: the range of its `sidx`, which makes DASH address it by SegmentBase; else its segments are listed. */
  readonly index?: ByteRange | undefined;
  readonly segments: readonly Segment[];
}

export interface MediaTrack extends Track {
  readonly format: 'mp4' | 'ts';
  /** RFC 6381, as read from the bitstream: `avc1.640028`, `mp4a.40.2`. */
  readonly codec: string;
  /** Time on the track's own line that is shown as zero, ticks: presentationTimeOffset of DASH. Mostly 0. */
  readonly zeroTicks: number;
  readonly encryption?: Encryption | undefined;
}

export type VideoRange = 'SDR' | 'PQ' | 'HLG';

export interface VideoTrack extends MediaTrack {
  /** As shown, in square pixels. */
  readonly width: number;
  readonly height: number;
  readonly frameRate: Rational;
  readonly videoRange: VideoRange;
  readonly keyframes?: KeyframePlaylist | undefined;
}

/** An I-frame playlist: each entry is one keyframe (in MP4 from the start of its `moof`, in TS from PAT and PMT on). */
export interface KeyframePlaylist {
  readonly playlist: string;
  /** `durationTicks` is the time until the next keyframe. */
  readonly segments: readonly Segment[];
}

export interface AudioTrack extends MediaTrack {
  /** Tracks of one group are the same sound in other languages, alike in codec and channels: `aac_2`, `ac3_6`. */
  readonly group: string;
  /** BCP 47, such as `en` or `pt-BR`; undefined where the source does not say. */
  readonly language: string | undefined;
  /** Shown to people; unique in its group. */
  readonly name: string;
  readonly channels: number;
  readonly sampleRate: number;
  /** At most one of a group. */
  readonly isDefault: boolean;
  readonly role: TrackRole;
}

export type TrackRole = 'main' | 'alternate' | 'commentary' | 'description' | 'caption' | 'forced';

/** WebVTT: segmented for HLS, whole for DASH. */
export interface SubtitleTrack extends Track {
  readonly language: string | undefined;
  readonly name: string;
  readonly isDefault: boolean;
  readonly role: TrackRole;
  /** The unsegmented WebVTT file, which DASH players fetch whole; undefined in a package of HLS alone. */
  readonly whole: string | undefined;
}

/** Thumbnails in sprite sheets: each segment is one JPEG with `columns` × `rows` pictures, row by row. */
export interface ImageTrack extends Track {
  /** Pixels of one thumbnail. */
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
  /** Time that one thumbnail stands for, ticks. */
  readonly tileTicks: number;
}

export type Encryption =
  | {
      /** Whole segments, RFC 8216: HLS alone. */
      readonly method: 'aes-128';
      /** As the user gave it; written as it is. */
      readonly keyUri: string;
      /** 32 hex digits; undefined: each segment's media sequence number. */
      readonly iv: string | undefined;
    }
  | {
      /** Common encryption, AES-CTR (ISO/IEC 23001-7). */
      readonly method: 'cenc';
      /** 32 hex digits. */
      readonly kid: string;
      /** HLS' `EXT-X-KEY`; undefined: the player knows the key by its id. */
      readonly keyUri: string | undefined;
    };

export const secondsOf = (ticks: number, track: { readonly timescale: number }): number => ticks / track.timescale;

/** End of a track on its own line, ticks. */
export function endTicks(track: Pick<Track, 'segments'>): number {
  const last = track.segments.at(-1);
  return last ? last.startTicks + last.durationTicks : 0;
}
