import { viewOf } from './boxes.ts';

type Family = 'avc' | 'hevc';

/** Which family of NAL units a codec string means; undefined for others. */
export function nalFamily(codec: string): Family | undefined {
  if (/^avc[1-4]\b/.test(codec)) return 'avc';
  return /^(hvc1|hev1|dvh1|dvhe)\b/.test(codec) ? 'hevc' : undefined;
}

const typeOf = (family: Family, byte: number): number => (family === 'avc' ? byte & 0x1f : (byte >> 1) & 0x3f);

/** The first coded picture's type decides: H.264 5 is IDR; HEVC 16 to 21 are random access pictures (BLA, IDR, CRA). */
function decides(family: Family, type: number): boolean | undefined {
  if (family === 'avc') return type >= 1 && type <= 5 ? type === 5 : undefined;
  return type <= 31 ? type >= 16 && type <= 21 : undefined;
}

/**
 * Whether a sample begins a picture from which decoding can start; undefined where that cannot be seen.
 *
 * @param sample NAL units behind their lengths, as MP4 keeps them; its head will do
 */
export function isRandomAccessPoint(sample: Uint8Array, lengthBytes: number, codec: string): boolean | undefined {
  const family = nalFamily(codec);
  if (!family) return undefined;
  const view = viewOf(sample);
  for (let at = 0; at + lengthBytes < sample.length; ) {
    let length = 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + view.getUint8(at + i);
    const verdict = decides(family, typeOf(family, view.getUint8(at + lengthBytes)));
    if (verdict !== undefined) return verdict;
    at += lengthBytes + Math.max(1, length);
  }
  return undefined;
}

/** NAL units behind start codes, as transport streams carry them: their first bytes' offsets. */
export function* startCodes(bytes: Uint8Array): Generator<number> {
  for (let at = 0; at + 3 < bytes.length; at++) {
    if (bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 1) yield at + 3;
  }
}

/** The same for an access unit of a transport stream. */
export function isRandomAccessUnit(unit: Uint8Array, family: Family): boolean | undefined {
  for (const at of startCodes(unit)) {
    const verdict = decides(family, typeOf(family, unit[at] ?? 0));
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

/** A sequence parameter set without its header and emulation prevention bytes; undefined where there is none. */
export function parameterSet(unit: Uint8Array, family: Family): Uint8Array | undefined {
  const [wanted, header] = family === 'avc' ? [7, 1] : [33, 2];
  for (const at of startCodes(unit)) {
    if (typeOf(family, unit[at] ?? 0) !== wanted) continue;
    const raw = unit.subarray(at + header, at + header + 64);
    return raw.filter((byte, i) => !(byte === 3 && i >= 2 && raw[i - 1] === 0 && raw[i - 2] === 0));
  }
  return undefined;
}
