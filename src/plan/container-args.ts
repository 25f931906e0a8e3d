import { audioCodec, audioCodecOfProbe } from '../codecs/audio.ts';
import { container as containerRow } from '../codecs/containers.ts';
import type { MediaInfo } from '../model/media.ts';
import { sec } from './input-args.ts';
import type { ResolvedExport } from './resolved.ts';

/** A codec that the muxer calls experimental here, whether it is encoded or copied. */
function isExperimental({ audio, container }: ResolvedExport, media: MediaInfo): boolean {
  return audio.some((track) => {
    const copied = media.audio.find(({ index }) => index === track.index)?.codec ?? '';
    const row = track.codec === 'copy' ? audioCodecOfProbe(copied) : audioCodec(track.codec);
    return row?.experimentalIn?.some((id) => id === container);
  });
}

/** MP4's record of Dolby Vision, which is Dolby's and not ISO's, is written on request only. */
const keepsDolbyVision = ({ video, container }: ResolvedExport, media: MediaInfo): boolean =>
  video.codec === 'copy' &&
  container === 'mp4' &&
  media.video.some(({ index, hdr }) => index === video.index && hdr.dolbyVision);

/** The muxer and its flags. */
export function containerArgs(resolved: ResolvedExport, media: MediaInfo): readonly string[] {
  const { container, fragmented, noEditList, timeline, video } = resolved;
  const row = containerRow(container);
  const isMp4 = container === 'mp4' || container === 'mov';
  const flags = [
    ...(fragmented ? ['frag_keyframe', 'delay_moov', 'default_base_moof'] : ['faststart']),
    'write_colr',
    ...(noEditList ? ['negative_cts_offsets'] : []),
  ];
  const timescale = video.frameRate
    ? video.frameRate.num * Math.max(1, Math.ceil(10_000 / video.frameRate.num))
    : undefined;
  return [
    ...(isExperimental(resolved, media)
      ? ['-strict', '-2']
      : keepsDolbyVision(resolved, media)
        ? ['-strict', '-1']
        : []),
    ...(isMp4 ? ['-movflags', `+${flags.join('+')}`] : []),
    ...(isMp4 && noEditList ? ['-use_editlist', '0'] : []),
    ...(isMp4 || !resolved.indexFirst ? [] : ['-cues_to_front', '1']),
    // A multiple of the rate keeps 23.976 and 29.97 exact (trap 21).
    ...(isMp4 && timescale ? ['-video_track_timescale', `${timescale}`] : []),
    ...(timeline.cutEnd ? ['-t', sec(timeline.durationSec)] : []),
    '-max_muxing_queue_size',
    '4096',
    '-f',
    row?.muxer ?? container,
  ];
}
