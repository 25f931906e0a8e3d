import { audioCodec } from '../codecs/audio.ts';
import type { MediaInfo } from '../model/media.ts';
import { audioChain } from './filters.ts';
import { forStream } from './picture-args.ts';
import type { ResolvedAudio, ResolvedExport } from './resolved.ts';

/**
 * Matroska leaves out how long a packet lasts, and ffmpeg knows it only of some codecs: MOV's last packet would last no
 * time, and its edit list cuts it off (measured with ALAC: 61 of 1000 ms lost). A packet lasts as long as the one before.
 */
const LASTING = "setts=duration='if(gt(DURATION,0),DURATION,if(N,PTS-PREV_INPTS,0))'";

function copiedSound(track: ResolvedAudio, n: number, { container }: ResolvedExport, media: MediaInfo) {
  const lasts = /matroska/.test(media.format) && (container === 'mp4' || container === 'mov');
  return ['-map', `0:${track.index}`, `-c:a:${n}`, 'copy', ...(lasts ? [`-bsf:a:${n}`, LASTING] : [])];
}

/** The encoder of the n-th track, with all that is said to it. */
export function soundEncoder(track: ResolvedAudio, n: number): readonly string[] {
  const own = audioCodec(track.codec)?.args({ kbps: track.kbps, bits: track.bits, channels: track.channels }) ?? [];
  return [`-c:a:${n}`, track.encoder, ...forStream(own, 'a', n)];
}

/** All audio tracks, with their filters and encoders. `silence`: the input that a track comes from which the source does not have. */
export function soundArgs(resolved: ResolvedExport, media: MediaInfo, silence: number): readonly string[] {
  return resolved.audio.flatMap((track, n) => {
    if (track.encoder === 'copy') return copiedSound(track, n, resolved, media);
    const from = track.silent
      ? ['-map', `${silence}:a:0`]
      : [...['-map', `0:${track.index}`, `-filter:a:${n}`], audioChain(track, resolved.timeline, resolved.noEditList)];
    return [...from, ...soundEncoder(track, n)];
  });
}
