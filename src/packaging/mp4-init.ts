import { type Box, boxBelow, boxesIn, fourcc, hex, payload, viewOf } from './boxes.ts';
import { ac3Config, eac3Config, esdsConfig, flacConfig, opusConfig, type SoundConfig } from './codec-audio.ts';
import { av1Codec, avcCodec, type CodePoints, hevcCodec, vp9Codec } from './codec-video.ts';

/** One track of a header of fragmented MP4 (`moov`). */
export interface InitTrack {
  readonly id: number;
  readonly kind: 'video' | 'audio' | 'text' | 'other';
  /** Ticks a second. */
  readonly timescale: number;
  /** RFC 6381; the sample entry's name where its configuration is missing or of a kind that we do not read. */
  readonly codec: string;
  /** As coded, and as shown in square pixels; 0 for sound. */
  readonly codedWidth: number;
  readonly codedHeight: number;
  readonly width: number;
  readonly height: number;
  readonly channels: number | undefined;
  readonly sampleRate: number | undefined;
  readonly colour: CodePoints | undefined;
  /** `cenc` or `cbcs` and the key's id, where samples are encrypted. */
  readonly protection: { readonly scheme: string; readonly kid: string } | undefined;
  /** Time on the media's line that an edit list shows first, ticks; 0 without one. */
  readonly editTicks: number;
  /** Bytes of a NAL unit's length; undefined for codecs without. */
  readonly nalLengthBytes: number | undefined;
  /** What a fragment's samples are where it does not say (`trex`). */
  readonly defaults: SampleDefaults;
}

export interface SampleDefaults {
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

const KINDS: Readonly<Record<string, InitTrack['kind']>> = {
  vide: 'video',
  soun: 'audio',
  text: 'text',
  subt: 'text',
};
/** Bytes of sample entries before their own boxes. */
const VISUAL_ENTRY_BYTES = 78;
const SOUND_ENTRY_BYTES = 28;

/** The tracks of a header; empty where there is no `moov` in it. */
export function readInit(bytes: Uint8Array): readonly InitTrack[] {
  const moov = boxesIn(bytes).find(({ type }) => type === 'moov');
  if (!moov) return [];
  const inside = boxesIn(bytes, moov.start, moov.end);
  const defaults = defaultsOf(bytes, boxBelow(bytes, moov, 'mvex'));
  return inside.flatMap((box) => (box.type === 'trak' ? readTrack(bytes, box, defaults) : []));
}

function defaultsOf(bytes: Uint8Array, mvex: Box | undefined): ReadonlyMap<number, SampleDefaults> {
  const found = new Map<number, SampleDefaults>();
  for (const trex of mvex ? boxesIn(bytes, mvex.start, mvex.end) : []) {
    if (trex.type !== 'trex' || trex.end - trex.start < 24) continue;
    const view = viewOf(payload(bytes, trex));
    found.set(view.getUint32(4), {
      duration: view.getUint32(12),
      size: view.getUint32(16),
      flags: view.getUint32(20),
    });
  }
  return found;
}

/** `tkhd` and `mdhd` have two dates, twice as long in version 1, before what is looked for. */
const afterDates = (header: Uint8Array): number => (header[0] === 1 ? 20 : 12);

function readTrack(bytes: Uint8Array, trak: Box, defaults: ReadonlyMap<number, SampleDefaults>): readonly InitTrack[] {
  const part = (...path: readonly string[]): Uint8Array | undefined => {
    const box = boxBelow(bytes, trak, ...path);
    return box && payload(bytes, box);
  };
  const [tkhd, mdhd, hdlr] = [part('tkhd'), part('mdia', 'mdhd'), part('mdia', 'hdlr')];
  const stsd = boxBelow(bytes, trak, 'mdia', 'minf', 'stbl', 'stsd');
  const entry = stsd && boxesIn(bytes, stsd.start + 8, stsd.end)[0];
  if (!tkhd || tkhd.length < 84 || !mdhd || mdhd.length < 20 || !hdlr || hdlr.length < 12 || !entry) return [];
  const tkhdView = viewOf(tkhd);
  const id = tkhdView.getUint32(afterDates(tkhd));
  const kind = KINDS[fourcc(hdlr, 8)] ?? 'other';
  const [shownWidth, shownHeight] = [tkhd.length - 8, tkhd.length - 4].map((at) => tkhdView.getUint32(at) / 65536);
  const sample = readEntry(bytes, entry, kind);
  const track = {
    ...sample,
    id,
    kind,
    timescale: viewOf(mdhd).getUint32(afterDates(mdhd)),
    width: Math.round(shownWidth || sample.codedWidth),
    height: Math.round(shownHeight || sample.codedHeight),
    editTicks: editTicksOf(part('edts', 'elst')),
    defaults: defaults.get(id) ?? { duration: 0, size: 0, flags: 0 },
  };
  return [track];
}

/** Media time of the first edit that is no gap. */
function editTicksOf(elst: Uint8Array | undefined): number {
  if (!elst || elst.length < 8) return 0;
  const view = viewOf(elst);
  const long = elst[0] === 1;
  const entry = long ? 20 : 12;
  for (let at = 8; at + entry <= elst.length; at += entry) {
    const time = long ? Number(view.getBigInt64(at + 8)) : view.getInt32(at + 4);
    if (time >= 0) return time;
  }
  return 0;
}

type Sample = Omit<InitTrack, 'id' | 'kind' | 'timescale' | 'width' | 'height' | 'defaults' | 'editTicks'>;

function readEntry(bytes: Uint8Array, entry: Box, kind: InitTrack['kind']): Sample {
  const head = kind === 'video' ? VISUAL_ENTRY_BYTES : kind === 'audio' ? SOUND_ENTRY_BYTES : entry.end - entry.start;
  const boxes = new Map(boxesIn(bytes, entry.start + head, entry.end).map((box) => [box.type, box] as const));
  const config = (type: string): Uint8Array | undefined => {
    const box = boxes.get(type);
    return box && payload(bytes, box);
  };
  const sinf = boxes.get('sinf');
  const original = sinf && boxBelow(bytes, sinf, 'frma');
  const name = original ? fourcc(bytes, original.start) : entry.type;
  const view = viewOf(payload(bytes, entry));
  const colour = colourOf(config('colr'));
  const sound = kind === 'audio' ? soundConfig(name, config) : undefined;
  return {
    codec: sound?.codec ?? videoCodec(name, config, colour) ?? name,
    codedWidth: kind === 'video' && view.byteLength >= 28 ? view.getUint16(24) : 0,
    codedHeight: kind === 'video' && view.byteLength >= 28 ? view.getUint16(26) : 0,
    channels: sound?.channels ?? (kind === 'audio' && view.byteLength >= 18 ? view.getUint16(16) : undefined),
    sampleRate: sound?.sampleRate ?? (kind === 'audio' && view.byteLength >= 28 ? view.getUint16(24) : undefined),
    colour,
    protection: sinf && protectionOf(bytes, sinf),
    nalLengthBytes: nalLength(config('avcC')?.[4] ?? config('hvcC')?.[21]),
  };
}

const nalLength = (byte: number | undefined): number | undefined => (byte === undefined ? undefined : (byte & 3) + 1);

type ConfigOf = (type: string) => Uint8Array | undefined;

function videoCodec(name: string, config: ConfigOf, colour: CodePoints | undefined): string | undefined {
  const [avcC, hvcC, av1C, vpcC] = ['avcC', 'hvcC', 'av1C', 'vpcC'].map(config);
  if (avcC && avcC.length >= 7) return avcCodec(name, avcC.subarray(1, 4));
  if (hvcC && hvcC.length >= 22) return hevcCodec(name, hvcC.subarray(1, 13));
  if (av1C && av1C.length >= 4) return av1Codec(av1C, colour);
  if (vpcC && vpcC.length >= 12) return vp9Codec(vpcC);
  return undefined;
}

/** Which box configures which sound, and how it is read. */
const SOUNDS: readonly (readonly [
  entry: string,
  box: string,
  read: (config: Uint8Array) => SoundConfig | undefined,
])[] = [
  ['mp4a', 'esds', esdsConfig],
  ['ac-3', 'dac3', ac3Config],
  ['ec-3', 'dec3', eac3Config],
  ['Opus', 'dOps', opusConfig],
  ['fLaC', 'dfLa', flacConfig],
];

function soundConfig(name: string, config: ConfigOf): SoundConfig | undefined {
  const row = SOUNDS.find(([entry]) => entry === name);
  const bytes = row && config(row[1]);
  return bytes && row[2](bytes);
}

function colourOf(colr: Uint8Array | undefined): CodePoints | undefined {
  if (!colr || colr.length < 11 || fourcc(colr, 0) !== 'nclx') return undefined;
  const view = viewOf(colr);
  return {
    primaries: view.getUint16(4),
    transfer: view.getUint16(6),
    matrix: view.getUint16(8),
    fullRange: (view.getUint8(10) & 0x80) !== 0,
  };
}

function protectionOf(bytes: Uint8Array, sinf: Box): InitTrack['protection'] {
  const [schm, tenc] = [boxBelow(bytes, sinf, 'schm'), boxBelow(bytes, sinf, 'schi', 'tenc')];
  return {
    scheme: schm ? fourcc(bytes, schm.start + 4) : '',
    kid: tenc ? hex(bytes.subarray(tenc.start + 8, tenc.start + 24)) : '',
  };
}
