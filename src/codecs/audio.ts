import type { AudioCodecId, ContainerId } from '../model/option-values.ts';

/** An audio codec and its encoder. */
export interface AudioCodecRow {
  readonly id: Exclude<AudioCodecId, 'copy' | 'none'>;
  readonly name: string;
  /** ffmpeg's encoder; PCM has one for each depth. */
  readonly encoder: string;
  /** ffprobe's codec_names that it yields. */
  readonly probeNames: readonly string[];
  readonly lossless: boolean;
  /** kbps, for a stereo track; undefined where the codec is lossless. */
  readonly bitrateRange?: readonly [number, number];
  /** kbps for each channel at most, where the encoder has such a limit. */
  readonly maxKbpsPerChannel?: number;
  /** Hz, ascending; undefined: any. */
  readonly sampleRates?: readonly number[];
  readonly maxChannels: number;
  /** Samples of a packet, as the encoder cuts them. */
  readonly packetSamples: number;
  /** Silence that the encoder puts in front; an edit list hides it, and Matroska has none (5.1.9, by what comes out). */
  readonly primingSamples?: number;
  /** Layouts that it takes, by channel count; others are mapped to the one of the same count. */
  readonly layouts: Readonly<Record<number, string>> | undefined;
  /** Containers in which ffmpeg calls it experimental and refuses it unless told. */
  readonly experimentalIn?: readonly ContainerId[];
  readonly args: (choice: AudioChoice) => readonly string[];
}

/** What was decided for one track. */
export interface AudioChoice {
  readonly kbps: number | undefined;
  readonly bits: 16 | 24;
  readonly channels: number;
}

const UP_TO_STEREO = { 1: 'mono', 2: 'stereo' } as const;
const SURROUND = {
  ...UP_TO_STEREO,
  3: '3.0',
  4: 'quad',
  5: '5.0',
  6: '5.1',
  7: '6.1',
  8: '7.1',
} as const;

export const AUDIO_CODECS: readonly AudioCodecRow[] = [
  {
    id: 'aac',
    name: 'AAC-LC',
    encoder: 'aac',
    probeNames: ['aac'],
    lossless: false,
    bitrateRange: [32, 512],
    sampleRates: [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000],
    maxChannels: 6,
    packetSamples: 1024,
    primingSamples: 1024,
    // Layouts with a channel configuration of their own in ISO/IEC 14496-3: others need a program config element, which
    // players read badly. Its only one of eight channels has them at the front: 7.1 would lose its sides and gain silence.
    layouts: { 1: 'mono', 2: 'stereo', 3: '3.0', 4: '4.0', 5: '5.0', 6: '5.1' },
    args: ({ kbps }) => ['-b:a', `${kbps ?? 192}k`],
  },
  {
    id: 'mp3',
    name: 'MP3',
    encoder: 'libmp3lame',
    probeNames: ['mp3'],
    lossless: false,
    bitrateRange: [32, 320],
    // MP3 below 16 kHz in MP4 is refused by ffmpeg's muxer.
    sampleRates: [16000, 22050, 24000, 32000, 44100, 48000],
    maxChannels: 2,
    packetSamples: 1152,
    primingSamples: 1105,
    layouts: UP_TO_STEREO,
    args: ({ kbps }) => ['-b:a', `${kbps ?? 192}k`],
  },
  {
    id: 'opus',
    name: 'Opus',
    encoder: 'libopus',
    probeNames: ['opus'],
    lossless: false,
    bitrateRange: [6, 510],
    maxKbpsPerChannel: 256,
    sampleRates: [48000],
    maxChannels: 8,
    packetSamples: 960,
    layouts: SURROUND,
    args: ({ kbps, channels }) => ['-b:a', `${kbps ?? 128}k`, ...(channels > 2 ? ['-mapping_family', '1'] : [])],
  },
  {
    id: 'pcm',
    name: 'PCM',
    encoder: 'pcm_s16le',
    probeNames: ['pcm_s16le', 'pcm_s24le'],
    lossless: true,
    maxChannels: 64,
    packetSamples: 1024,
    layouts: undefined,
    args: () => [],
  },
  {
    id: 'flac',
    name: 'FLAC',
    encoder: 'flac',
    probeNames: ['flac'],
    lossless: true,
    maxChannels: 8,
    packetSamples: 4608,
    layouts: { ...SURROUND, 6: '5.1' },
    experimentalIn: ['mp4'],
    args: ({ bits }) => ['-sample_fmt', bits === 24 ? 's32' : 's16'],
  },
];

export const audioCodec = (id: string): AudioCodecRow | undefined => AUDIO_CODECS.find((row) => row.id === id);
/** The row of what ffprobe calls so; undefined for codecs that are only ever copied. */
export const audioCodecOfProbe = (name: string): AudioCodecRow | undefined =>
  AUDIO_CODECS.find((row) => row.probeNames.includes(name));

/** ffmpeg's encoder for a choice: PCM's depends on the depth. */
export function audioEncoder(row: AudioCodecRow, bits: 16 | 24): string {
  return row.id === 'pcm' ? `pcm_s${bits}le` : row.encoder;
}
