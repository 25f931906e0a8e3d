import { Bits, hex } from './boxes.ts';

/** Code points of ISO/IEC 23091-2. */
export interface CodePoints {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
  readonly fullRange: boolean;
}

const two = (value: number): string => `${value}`.padStart(2, '0');

/** `avc1.640028` (RFC 6381): profile, constraints and level, as three bytes of `avcC` or of the SPS say them. */
export function avcCodec(entry: string, threeBytes: Uint8Array): string {
  return `${entry}.${hex(threeBytes)}`;
}

/**
 * `hvc1.2.4.L123.B0` (ISO/IEC 14496-15, annex E).
 *
 * @param profileTierLevel 12 bytes, as they begin `general_profile_space` in `hvcC` and in the SPS
 */
export function hevcCodec(entry: string, profileTierLevel: Uint8Array): string {
  const bits = new Bits(profileTierLevel);
  const space = ['', 'A', 'B', 'C'][bits.read(2)] ?? '';
  const tier = bits.read(1) === 1 ? 'H' : 'L';
  const profile = bits.read(5);
  let compatibility = 0;
  // In reverse: the flag of profile 0 is the lowest bit.
  for (let flag = 0; flag < 32; flag++) compatibility += bits.read(1) * 2 ** flag;
  const constraints = Array.from({ length: 6 }, () => bits.read(8));
  while (constraints.at(-1) === 0) constraints.pop();
  const level = bits.read(8);
  const parts = [
    `${space}${profile}`,
    compatibility.toString(16).toUpperCase(),
    `${tier}${level}`,
    ...constraints.map((byte) => byte.toString(16).toUpperCase()),
  ];
  return `${entry}.${parts.join('.')}`;
}

/** `av01.0.08M.08`, with all colours where one is not BT.709's (AV1 in ISOBMFF, 5), from `av1C` and `colr`. */
export function av1Codec(config: Uint8Array, colour: CodePoints | undefined): string {
  const bits = new Bits(config.subarray(1));
  const profile = bits.read(3);
  const level = bits.read(5);
  const tier = bits.read(1) === 1 ? 'H' : 'M';
  const high = bits.read(1) === 1;
  const twelve = bits.read(1) === 1;
  const monochrome = bits.read(1);
  const subsampling = `${bits.read(1)}${bits.read(1)}`;
  const position = subsampling === '11' ? bits.read(2) : 0;
  const depth = !high ? 8 : twelve ? 12 : 10;
  const short = `av01.${profile}.${two(level)}${tier}.${two(depth)}`;
  if (!colour || isPlain(colour)) return short;
  const { primaries, transfer, matrix, fullRange } = colour;
  const codes = [primaries, transfer, matrix].map(two).join('.');
  return `${short}.${monochrome}.${subsampling}${position}.${codes}.${fullRange ? 1 : 0}`;
}

/** `vp09.00.31.08`, with all colours where one is not BT.709's (VP Codec ISO Media File Format Binding), from `vpcC`. */
export function vp9Codec(config: Uint8Array): string {
  // Behind version and flags.
  const bits = new Bits(config.subarray(4));
  const [profile, level, depth, chroma] = [bits.read(8), bits.read(8), bits.read(4), bits.read(3)];
  const fullRange = bits.read(1) === 1;
  const colour = { primaries: bits.read(8), transfer: bits.read(8), matrix: bits.read(8), fullRange };
  const short = `vp09.${two(profile)}.${two(level)}.${two(depth)}`;
  // 0 and 1 are both 4:2:0, and differ in where its samples lie.
  if (isPlain(colour) && chroma <= 1) return short;
  const codes = [chroma, colour.primaries, colour.transfer, colour.matrix, fullRange ? 1 : 0];
  return `${short}.${codes.map(two).join('.')}`;
}

/** BT.709 in limited range, or not said (2): what a short codec string means. */
function isPlain({ primaries, transfer, matrix, fullRange }: CodePoints): boolean {
  return !fullRange && [primaries, transfer, matrix].every((code) => code === 1 || code === 2);
}
