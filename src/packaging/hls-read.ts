import type { ByteRange } from './package.ts';
import { readPair, type Tiles } from './tiles.ts';

/** What a playlist or manifest points at, its URI as it stands there. */
export interface Reference {
  readonly uri: string;
  readonly range: ByteRange | undefined;
}

export interface HlsKey {
  /** `AES-128`, `SAMPLE-AES`, `SAMPLE-AES-CTR`. */
  readonly method: string;
  readonly uri: string | undefined;
}

export interface HlsSegment extends Reference {
  readonly durationSec: number;
  readonly init: Reference | undefined;
  readonly key: HlsKey | undefined;
  /** What comes before it has other times or another coding. */
  readonly discontinuity: boolean;
  /** Of pictures that hold several. */
  readonly tiles: Tiles | undefined;
}

export interface HlsMediaPlaylist {
  readonly kind: 'media';
  readonly version: number;
  readonly targetSec: number | undefined;
  readonly ended: boolean;
  readonly holds: 'media' | 'keyframes' | 'images';
  readonly segments: readonly HlsSegment[];
  readonly faults: readonly string[];
}

/** `EXT-X-MEDIA`, or a line that stands for a playlist of its own. */
export interface HlsEntry {
  /** Undefined for sound or captions within the variants' own segments. */
  readonly uri: string | undefined;
  readonly attributes: ReadonlyMap<string, string>;
}

export interface HlsMasterPlaylist {
  readonly kind: 'master';
  readonly renditions: readonly HlsEntry[];
  readonly variants: readonly HlsEntry[];
  readonly keyframes: readonly HlsEntry[];
  readonly images: readonly HlsEntry[];
  readonly faults: readonly string[];
}

const SECTION = /^#(EXT[^:]*)(?::(.*))?$/;

/** A playlist of RFC 8216, its faults listed and read over; a master is one that names other playlists. */
export function readPlaylist(text: string): HlsMediaPlaylist | HlsMasterPlaylist {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const faults = lines[0] === '#EXTM3U' ? [] : ['it does not begin with #EXTM3U'];
  return /^#EXT-X-(STREAM-INF|MEDIA|I-FRAME-STREAM-INF):/m.test(text)
    ? readMaster(lines, faults)
    : readMedia(lines, faults);
}

/** `A=1,B="x,y"`: quotes are taken off. */
export function readAttributes(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const match of text.matchAll(/([A-Z0-9-]+)=("([^"]*)"|[^,]*)/g)) {
    found.set(match[1] ?? '', match[3] ?? match[2] ?? '');
  }
  return found;
}

function readMaster(lines: readonly string[], faults: string[]): HlsMasterPlaylist {
  const lists = { renditions: [], variants: [], keyframes: [], images: [] } as Record<
    'renditions' | 'variants' | 'keyframes' | 'images',
    HlsEntry[]
  >;
  const named = {
    'EXT-X-MEDIA': lists.renditions,
    'EXT-X-I-FRAME-STREAM-INF': lists.keyframes,
    'EXT-X-IMAGE-STREAM-INF': lists.images,
  } as Readonly<Record<string, HlsEntry[]>>;
  let variant: ReadonlyMap<string, string> | undefined;
  for (const line of lines) {
    const [, name = '', value = ''] = SECTION.exec(line) ?? [];
    if (name === 'EXT-X-STREAM-INF') variant = readAttributes(value);
    else if (named[name]) named[name].push(entryOf(readAttributes(value)));
    else if (line !== '' && !line.startsWith('#')) {
      if (variant) lists.variants.push({ uri: line, attributes: variant });
      else faults.push(`${line} has no EXT-X-STREAM-INF before it`);
      variant = undefined;
    }
  }
  if (variant) faults.push('its last EXT-X-STREAM-INF has no playlist after it');
  if (lists.variants.length === 0) faults.push('it has no variant');
  return { kind: 'master', ...lists, faults };
}

const entryOf = (attributes: ReadonlyMap<string, string>): HlsEntry => ({ uri: attributes.get('URI'), attributes });

/** What holds for the segments that follow, as it changes from line to line. */
class MediaReader {
  readonly segments: HlsSegment[] = [];
  readonly faults: string[];
  version = 1;
  targetSec: number | undefined;
  ended = false;
  holds: HlsMediaPlaylist['holds'] = 'media';
  #durationSec: number | undefined;
  #range: string | undefined;
  #init: Reference | undefined;
  #key: HlsKey | undefined;
  #discontinuity = false;
  #tiles: Tiles | undefined;

  constructor(faults: string[]) {
    this.faults = faults;
  }

  line(line: string): void {
    const [, name, value = ''] = SECTION.exec(line) ?? [];
    if (name !== undefined) this.#tag(name, value);
    else if (line !== '' && !line.startsWith('#')) this.#segment(line);
  }

  #tag(name: string, value: string): void {
    if (name === 'EXTINF') this.#durationSec = this.#number(name, value.split(',')[0] ?? '');
    else if (name === 'EXT-X-BYTERANGE') this.#range = value;
    else if (name === 'EXT-X-TARGETDURATION') this.targetSec = this.#number(name, value);
    else if (name === 'EXT-X-VERSION') this.version = this.#number(name, value) ?? 1;
    else if (name === 'EXT-X-ENDLIST') this.ended = true;
    else if (name === 'EXT-X-I-FRAMES-ONLY') this.holds = 'keyframes';
    else if (name === 'EXT-X-IMAGES-ONLY') this.holds = 'images';
    else if (name === 'EXT-X-DISCONTINUITY') this.#discontinuity = true;
    else if (name === 'EXT-X-TILES') this.#setTiles(value);
    else if (name === 'EXT-X-MAP') this.#map(readAttributes(value));
    else if (name === 'EXT-X-KEY') this.#setKey(readAttributes(value));
  }

  #number(name: string, value: string): number | undefined {
    const number = value.trim() === '' ? Number.NaN : Number(value);
    if (Number.isFinite(number) && number >= 0) return number;
    this.faults.push(`its #${name}:${value} is no number`);
    return undefined;
  }

  #map(attributes: ReadonlyMap<string, string>): void {
    const uri = attributes.get('URI');
    if (uri === undefined) this.faults.push('its EXT-X-MAP has no URI');
    const range = attributes.get('BYTERANGE');
    this.#init =
      uri === undefined ? undefined : { uri, range: range === undefined ? undefined : this.#readRange(range, uri) };
  }

  #setTiles(value: string): void {
    const attributes = readAttributes(value);
    const layout = readPair(attributes.get('LAYOUT'));
    const size = readPair(attributes.get('RESOLUTION'));
    const sec = Number(attributes.get('DURATION') ?? Number.NaN);
    if (!layout || !size) this.faults.push(`its #EXT-X-TILES:${value} has no LAYOUT or no RESOLUTION of the form 5x4`);
    this.#tiles = layout && {
      ...{ columns: layout[0], rows: layout[1], width: size?.[0], height: size?.[1] },
      sec: sec > 0 ? sec : undefined,
    };
  }

  #setKey(attributes: ReadonlyMap<string, string>): void {
    const method = attributes.get('METHOD') ?? 'NONE';
    const [uri, iv] = [attributes.get('URI'), attributes.get('IV')];
    if (method !== 'NONE' && uri === undefined) this.faults.push(`its EXT-X-KEY with METHOD=${method} has no URI`);
    if (iv !== undefined && !/^0x[0-9a-f]{1,32}$/i.test(iv))
      this.faults.push(`its EXT-X-KEY has IV=${iv}, which is no number of 128 bits`);
    this.#key = method === 'NONE' ? undefined : { method, uri };
  }

  /** `length@offset`; without an offset it follows the range before it of the same file. */
  #readRange(text: string, uri: string): ByteRange | undefined {
    const match = /^(\d+)(?:@(\d+))?$/.exec(text);
    const before = this.segments.at(-1);
    const follows = before?.uri === uri && before.range ? before.range.offset + before.range.length : undefined;
    const offset = match?.[2] === undefined ? follows : Number(match[2]);
    if (match && offset !== undefined) return { offset, length: Number(match[1]) };
    this.faults.push(`its byte range ${text} of ${uri} says no length, or no offset where one is needed`);
    return undefined;
  }

  #segment(uri: string): void {
    if (this.#durationSec === undefined) this.faults.push(`${uri} has no EXTINF`);
    this.segments.push({
      uri,
      durationSec: this.#durationSec ?? 0,
      range: this.#range === undefined ? undefined : this.#readRange(this.#range, uri),
      init: this.#init,
      key: this.#key,
      discontinuity: this.#discontinuity,
      tiles: this.#tiles,
    });
    this.#durationSec = undefined;
    this.#range = undefined;
    this.#discontinuity = false;
    this.#tiles = undefined;
  }
}

function readMedia(lines: readonly string[], faults: string[]): HlsMediaPlaylist {
  const reader = new MediaReader(faults);
  for (const line of lines) reader.line(line);
  const { version, targetSec, ended, holds, segments } = reader;
  if (targetSec === undefined) faults.push('it has no EXT-X-TARGETDURATION');
  return { kind: 'media', version, targetSec, ended, holds, segments, faults };
}
