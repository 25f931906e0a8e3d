import type { ContainerId, VideoCodecId } from '../model/option-values.ts';
import { av1Amf, h264Amf, hevcAmf } from './amf.ts';
import { aomAv1, svtAv1 } from './av1.ts';
import { dnxhd, proresKs } from './editing.ts';
import type { EncoderRow } from './encoder-row.ts';
import { av1Nvenc, h264Nvenc, hevcNvenc } from './nvenc.ts';
import { av1Qsv, h264Qsv, hevcQsv, vp9Qsv } from './qsv.ts';
import { av1Vaapi, h264Vaapi, hevcVaapi, vp9Vaapi } from './vaapi.ts';
import { h264Videotoolbox, hevcVideotoolbox, proresVideotoolbox } from './videotoolbox.ts';
import { vpxVp9 } from './vpx-vp9.ts';
import { x264 } from './x264.ts';
import { x265 } from './x265.ts';

/** A video codec: what it is, where it goes, and its encoders, best first: those in software, then the hardware's. */
export interface VideoCodecRow {
  readonly id: Exclude<VideoCodecId, 'copy'>;
  readonly name: string;
  /** ffprobe's codec_name. */
  readonly probeName: string;
  readonly kind: 'delivery' | 'editing';
  /** The container it gets when only the codec is named. */
  readonly container: ContainerId;
  readonly audioCodec: 'aac' | 'opus' | 'pcm';
  readonly encoders: readonly EncoderRow[];
  /** Bits that it needs relative to H.264 for the same look (facts measured with VMAF 0.6.1, see the reference page). */
  readonly bitsFactor: number;
  /** HDR10 and HLG can be kept, in these containers. */
  readonly hdrContainers: readonly ContainerId[];
  /** What it holds is read as BT.709, whatever it was made of. */
  readonly onlyBt709?: true;
}

export const VIDEO_CODECS: readonly VideoCodecRow[] = [
  {
    id: 'h264',
    name: 'H.264 / AVC',
    probeName: 'h264',
    kind: 'delivery',
    container: 'mp4',
    audioCodec: 'aac',
    encoders: [x264, h264Nvenc, h264Qsv, h264Videotoolbox, h264Amf, h264Vaapi],
    bitsFactor: 1,
    hdrContainers: [],
  },
  {
    id: 'h265',
    name: 'H.265 / HEVC',
    probeName: 'hevc',
    kind: 'delivery',
    container: 'mp4',
    audioCodec: 'aac',
    encoders: [x265, hevcNvenc, hevcQsv, hevcVideotoolbox, hevcAmf, hevcVaapi],
    bitsFactor: 0.85,
    hdrContainers: ['mp4', 'mov', 'mkv'],
  },
  {
    id: 'vp9',
    name: 'VP9',
    probeName: 'vp9',
    kind: 'delivery',
    container: 'webm',
    audioCodec: 'opus',
    encoders: [vpxVp9, vp9Qsv, vp9Vaapi],
    bitsFactor: 0.95,
    hdrContainers: ['mp4', 'mkv', 'webm'],
  },
  {
    id: 'av1',
    name: 'AV1',
    probeName: 'av1',
    kind: 'delivery',
    container: 'mp4',
    audioCodec: 'aac',
    encoders: [svtAv1, aomAv1, av1Nvenc, av1Qsv, av1Amf, av1Vaapi],
    bitsFactor: 0.7,
    hdrContainers: ['mp4', 'mkv', 'webm'],
  },
  {
    id: 'prores',
    name: 'Apple ProRes',
    probeName: 'prores',
    kind: 'editing',
    container: 'mov',
    audioCodec: 'pcm',
    encoders: [proresKs, proresVideotoolbox],
    bitsFactor: 1,
    hdrContainers: ['mov'],
  },
  {
    id: 'dnxhr',
    name: 'Avid DNxHR',
    probeName: 'dnxhd',
    kind: 'editing',
    container: 'mov',
    audioCodec: 'pcm',
    encoders: [dnxhd],
    bitsFactor: 1,
    hdrContainers: [],
    // ffmpeg's encoder has no word for another (5.1.9: BT.601 that went in was found as BT.709).
    onlyBt709: true,
  },
];

/** The row of a codec; `copy` has none. */
export const videoCodec = (id: string): VideoCodecRow | undefined => VIDEO_CODECS.find((row) => row.id === id);
export const encoderRow = (encoder: string): EncoderRow | undefined =>
  VIDEO_CODECS.flatMap((row) => row.encoders).find((row) => row.encoder === encoder);
