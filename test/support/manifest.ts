import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MEDIA } from './clips.ts';

/** A stream as manifest.json has it; rates and aspects are ffprobe's fractions. */
interface ManifestVideo {
  readonly codec_name: string;
  readonly pix_fmt: string;
  readonly width: number;
  readonly height: number;
  readonly sample_aspect_ratio: string | null;
  readonly avg_frame_rate: string;
  readonly r_frame_rate: string;
  readonly start_time: string;
  readonly nb_frames: string | null;
  readonly rotation: number | null;
  readonly color_transfer: string | null;
  readonly attached_pic: number;
  readonly packets: number;
}
interface ManifestAudio {
  readonly codec_name: string;
  readonly channels: number;
  readonly start_time: string;
}
/** A real clip and what was found of it when it was chosen. */
export interface ManifestClip {
  readonly file: string;
  readonly trait: string;
  readonly duration: string;
  readonly start_time: string;
  readonly video: readonly ManifestVideo[];
  readonly audio: readonly ManifestAudio[];
  readonly counts: { readonly subtitle: number; readonly chapters: number; readonly attachment: number };
  readonly decode: { readonly error_lines: number };
}

/** The real clips; none where the folder is absent. */
export const manifest = (): readonly ManifestClip[] => {
  const path = join(MEDIA, 'manifest.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];
};

/** `30000/1001` or `64:45` as a number. */
export function fraction(text: string): number {
  const [num = 0, den = 1] = text.split(/[/:]/).map(Number);
  return num / den;
}

/** What a right delivery of a clip is like, worked out from the manifest alone. */
export interface ClipFacts {
  /** Square pixels, upright; a side may be odd. */
  readonly width: number;
  readonly height: number;
  /** Frames a second; undefined where they are unevenly spaced. */
  readonly fps: number | undefined;
  readonly averageFps: number;
  /** Of the pictures, with the first one held where the sound begins more than 0.1 s earlier. */
  readonly durationSec: number;
  readonly hdr: boolean;
  /** More than 8 bits a sample. */
  readonly deep: boolean;
  /** Frames that the header promises are not there. */
  readonly cutShort: boolean;
}

const HOLD_SEC = 0.1;

export function factsOf({ file, video, audio, decode }: ManifestClip): ClipFacts {
  const film = video.find(({ attached_pic }) => attached_pic === 0);
  if (!film) throw new Error(`${file} has no picture`);
  const sar = film.sample_aspect_ratio ? fraction(film.sample_aspect_ratio) : 1;
  const shown = [film.width * sar, film.height] as const;
  const [width, height] = Math.abs(film.rotation ?? 0) % 180 === 90 ? [shown[1], shown[0]] : shown;
  const averageFps = fraction(film.avg_frame_rate);
  const even = Math.abs(fraction(film.r_frame_rate) / averageFps - 1) < 0.005;
  const startSec = Number(film.start_time);
  const leadSec = startSec - Math.min(startSec, ...audio.map((track) => Number(track.start_time)));
  return {
    ...{ width, height, averageFps },
    fps: even ? averageFps : undefined,
    durationSec: film.packets / averageFps + (leadSec > HOLD_SEC ? leadSec : 0),
    deep: film.pix_fmt.includes('10'),
    hdr: ['smpte2084', 'arib-std-b67'].includes(film.color_transfer ?? ''),
    cutShort: decode.error_lines > 0 || (film.nb_frames !== null && film.packets < Number(film.nb_frames)),
  };
}
