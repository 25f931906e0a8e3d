import { Bits, hex } from './boxes.ts';

/** What the configuration of a sound stream says, which the fields of an MP4 sample entry often do not. */
export interface SoundConfig {
  readonly codec: string;
  readonly channels: number | undefined;
  readonly sampleRate: number | undefined;
}

const AAC_RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];
const ESCAPE = 15;
const AC3_RATES = [48000, 44100, 32000];
/** Full-range channels of each `acmod` of ATSC A/52. */
const AC3_CHANNELS = [2, 1, 2, 3, 3, 4, 4, 5];

/** Frequency of an index of AAC, in MP4 and ADTS alike. */
export const aacRate = (index: number): number | undefined => AAC_RATES[index];
/** Channels of a channelConfiguration of AAC; undefined where a program config element tells them. */
export const aacChannels = (config: number): number | undefined => [undefined, 1, 2, 3, 4, 5, 6, 8][config];

/** AudioSpecificConfig (ISO/IEC 14496-3). */
export function aacConfig(config: Uint8Array): SoundConfig {
  const bits = new Bits(config);
  const short = bits.read(5);
  const objectType = short === 31 ? 32 + bits.read(6) : short;
  const index = bits.read(4);
  const sampleRate = index === ESCAPE ? bits.read(24) : aacRate(index);
  return { codec: `mp4a.40.${objectType}`, channels: aacChannels(bits.read(4)), sampleRate };
}

/** The configuration within `esds`: AAC, or MP3 by its object type. */
export function esdsConfig(esds: Uint8Array): SoundConfig | undefined {
  // Version and flags, then descriptors: a tag and a length of up to four bytes of seven bits.
  let at = 4;
  let objectType: number | undefined;
  while (at + 2 <= esds.length) {
    const tag = esds[at++];
    let length = 0;
    for (let more = true; more && at < esds.length; ) {
      const byte = esds[at++] ?? 0;
      length = length * 128 + (byte & 0x7f);
      more = (byte & 0x80) !== 0;
    }
    if (tag === 3) {
      at += esStreamHeader(esds[at + 2] ?? 0, esds[at + 3] ?? 0);
    } else if (tag === 4) {
      objectType = esds[at];
      at += 13;
    } else if (tag === 5 && objectType === 0x40) {
      return aacConfig(esds.subarray(at, at + length));
    } else at += length;
  }
  if (objectType === undefined) return undefined;
  return { codec: `mp4a.${hex(Uint8Array.of(objectType))}`, channels: undefined, sampleRate: undefined };
}

/** Bytes of an ES_Descriptor before the descriptors in it; ours never carry a URL (0x40), which has a length of its own. */
function esStreamHeader(flags: number, urlBytes: number): number {
  return (
    3 + ((flags & 0x80) !== 0 ? 2 : 0) + ((flags & 0x40) !== 0 ? 1 + urlBytes : 0) + ((flags & 0x20) !== 0 ? 2 : 0)
  );
}

/** `dac3` (ETSI TS 102 366, F.4). */
export function ac3Config(config: Uint8Array): SoundConfig {
  const bits = new Bits(config);
  const sampleRate = AC3_RATES[bits.read(2)];
  const mode = bits.skip(8).read(3);
  return { codec: 'ac-3', channels: (AC3_CHANNELS[mode] ?? 0) + bits.read(1), sampleRate };
}

/** `dec3` (ETSI TS 102 366, F.6): the first independent substream. */
export function eac3Config(config: Uint8Array): SoundConfig {
  const bits = new Bits(config).skip(16);
  const sampleRate = AC3_RATES[bits.read(2)];
  const mode = bits.skip(10).read(3);
  return { codec: 'ec-3', channels: (AC3_CHANNELS[mode] ?? 0) + bits.read(1), sampleRate };
}

/** `dOps`: Opus always plays at 48 kHz. */
export const opusConfig = (config: Uint8Array): SoundConfig => ({
  codec: 'Opus',
  channels: config[1],
  sampleRate: 48000,
});

/** `dfLa`: behind version, flags and a block header stands STREAMINFO. */
export function flacConfig(config: Uint8Array): SoundConfig {
  const bits = new Bits(config.subarray(8)).skip(80);
  const sampleRate = bits.read(20);
  return { codec: 'fLaC', channels: bits.read(3) + 1, sampleRate };
}
