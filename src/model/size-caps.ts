import file from '../../presets/sizes/caps.json' with { type: 'json' };

/** A size that people know by a name: what `--max-size discord` means, and who says so. */
export interface SizeCap {
  readonly cap_id: string;
  readonly name: string;
  /** The way in and the kind of account that it holds for. */
  readonly about: string;
  /** What is taken at most, MB (1,000,000 bytes: right whichever MB is meant). */
  readonly limit_mb: number;
  /** `base64`: the limit is the message's, in which a file is larger than on the disk. */
  readonly encoding: 'none' | 'base64';
  readonly source: string;
  /** ISO date on which the page was read. */
  readonly checked_on: string;
  readonly conflicts: readonly { readonly value_mb: number; readonly source: string; readonly note?: string }[];
}

// Held against its schema by the unit tests, not at every start.
const capsOf = (raw: unknown): readonly SizeCap[] => (raw as { readonly caps: readonly SizeCap[] }).caps;

/** In the order of the listing. */
export const SIZE_CAPS: readonly SizeCap[] = capsOf(file);

/** A message's own words, headers and the boundaries of its parts, bytes. */
const MESSAGE_BYTES = 100_000;
/** Three bytes become four letters, and 76 of them a line with its two-byte end (RFC 2045). */
const BASE64 = (4 / 3) * (78 / 76);

/** Bytes of the largest file that the cap lets through. */
export function capBytes({ limit_mb: mb, encoding }: SizeCap): number {
  const bytes = mb * 1e6;
  return encoding === 'base64' ? Math.floor((bytes - MESSAGE_BYTES) / BASE64) : bytes;
}

/** The cap of a name, with `-` for `_` and in any case; undefined for another word. */
export function sizeCap(name: string): SizeCap | undefined {
  const id = name.toLowerCase().replaceAll('-', '_');
  return SIZE_CAPS.find((cap) => cap.cap_id === id);
}

/** A cap as listings and results tell it. */
export const sizeCapRow = (cap: SizeCap) => ({ ...cap, file_bytes: capBytes(cap) }) as const;
export type SizeCapRow = ReturnType<typeof sizeCapRow>;
