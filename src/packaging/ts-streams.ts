import { aacChannels, aacRate } from './codec-audio.ts';
import { avcCodec, hevcCodec } from './codec-video.ts';
import { isRandomAccessUnit, parameterSet } from './nal-units.ts';
import type { StreamFacts } from './stream-facts.ts';
import type { Elementary } from './ts-tables.ts';

/** A stream of a transport stream's segment; its bitstream says more than MP4's header would. */
export interface TsStream extends StreamFacts {
  /** RFC 6381; undefined where the segment's head does not say. */
  readonly codec: string | undefined;
  readonly channels: number | undefined;
  readonly sampleRate: number | undefined;
}

interface Timing {
  readonly pid: number;
  /** Presentation times in the order of the stream. */
  readonly times: readonly number[];
  readonly decode: number | undefined;
}

export const TS_TIMESCALE = 90_000;

const smallest = (times: readonly number[]): number => times.reduce((a, b) => Math.min(a, b));
const largest = (times: readonly number[]): number => times.reduce((a, b) => Math.max(a, b));

/** From the first time to the last, and the mean distance once more for the last packet itself. */
function spanOf(times: readonly number[]): number {
  const span = largest(times) - smallest(times);
  return times.length > 1 ? span + Math.round(span / (times.length - 1)) : span;
}

export function describeVideo(
  { codec }: Elementary,
  { pid, times, decode }: Timing,
  unit: Uint8Array,
  randomAccess: boolean,
): TsStream {
  const family = codec === 'avc' || codec === 'hevc' ? codec : undefined;
  const set = family && parameterSet(unit, family);
  return {
    kind: 'video',
    id: pid,
    timescale: TS_TIMESCALE,
    decodeTicks: decode,
    startTicks: smallest(times),
    editTicks: 0,
    durationTicks: spanOf(times),
    samples: times.length,
    sampleCounted: false,
    startsWithKeyframe: (family && isRandomAccessUnit(unit, family)) ?? randomAccess,
    codec: set && (family === 'avc' ? avcCodec('avc1', set.subarray(0, 3)) : hevcCodec('hvc1', set.subarray(1, 13))),
    channels: undefined,
    sampleRate: undefined,
  };
}

/** Names of sound whose frames are not counted here. */
const PLAIN_NAMES: Readonly<Record<string, string>> = { 'ac-3': 'ac-3', 'ec-3': 'ec-3', mp3: 'mp4a.40.34' };
const AAC_FRAME = 1024;

/** Sound: AAC's frames are counted, which tells its length to the sample; of others the times must do. */
export function describeSound({ codec }: Elementary, { pid, times, decode }: Timing, payload: Uint8Array): TsStream {
  const frames = codec === 'aac' ? adtsFrames(payload) : undefined;
  const rate = frames?.sampleRate;
  return {
    kind: 'audio',
    id: pid,
    timescale: TS_TIMESCALE,
    decodeTicks: decode,
    startTicks: smallest(times),
    editTicks: 0,
    durationTicks: frames && rate ? Math.round((frames.count * AAC_FRAME * TS_TIMESCALE) / rate) : spanOf(times),
    samples: frames?.count ?? times.length,
    startsWithKeyframe: true,
    sampleCounted: frames !== undefined,
    codec: frames ? `mp4a.40.${frames.objectType}` : PLAIN_NAMES[codec ?? ''],
    channels: frames?.channels,
    sampleRate: rate,
  };
}

interface AdtsFrames {
  readonly count: number;
  readonly objectType: number;
  readonly sampleRate: number | undefined;
  readonly channels: number | undefined;
}

/** Frames of ADTS (ISO/IEC 14496-3, 1.A.2), one behind the other. */
function adtsFrames(bytes: Uint8Array): AdtsFrames | undefined {
  let count = 0;
  for (let at = 0; at + 7 <= bytes.length; ) {
    if (bytes[at] !== 0xff || ((bytes[at + 1] ?? 0) & 0xf0) !== 0xf0) break;
    const length = (((bytes[at + 3] ?? 0) & 3) << 11) | ((bytes[at + 4] ?? 0) << 3) | ((bytes[at + 5] ?? 0) >> 5);
    if (length < 7 || at + length > bytes.length) break;
    count += 1 + ((bytes[at + 6] ?? 0) & 3);
    at += length;
  }
  if (count === 0) return undefined;
  const [head = 0, tail = 0] = [bytes[2], bytes[3]];
  return {
    count,
    objectType: (head >> 6) + 1,
    sampleRate: aacRate((head >> 2) & 15),
    channels: aacChannels(((head & 1) << 2) | (tail >> 6)),
  };
}
