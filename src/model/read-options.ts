import type { Issue } from './errors.ts';
import { isMapping } from './mapping.ts';
import type { OptionRow } from './option-row.ts';
import { type OptionValues, SUBTITLE_EXTENSIONS } from './option-values.ts';
import { keyOf, OPTIONS, propertyOf } from './options.ts';
import { valueOf } from './rational.ts';
import { capBytes, SIZE_CAPS, type SizeCap, sizeCap } from './size-caps.ts';
import { closest } from './suggest.ts';
import { parseBitrate, parseFrameRate, parseSize, parseTime } from './units.ts';

/** Where raw values come from: it decides how a name is written in messages and which keys may stand there. */
export type OptionOrigin =
  | { readonly kind: 'flag' }
  | { readonly kind: 'env' }
  | { readonly kind: 'config' | 'preset' | 'job'; readonly file: string };

type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly want: string };

const accept = (value: unknown): Parsed => ({ ok: true, value });
const reject = (want: string): Parsed => ({ ok: false, want });

/** Beyond these a value is a slip of the keyboard, and no message or command could show it as a plain number. */
const MOST = { number: 1e9, bytes: 1e15, kbps: 1e9, sec: 3.6e8, fps: 1e6 } as const;
const LEAST_KBPS = 0.001;
const PLAIN_NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)\s*$/;

/** What was read, unless it is beyond what can be meant. `want`: what would be right. */
const atMost = (value: number, most: number, meant: unknown, want: string): Parsed =>
  value <= most ? accept(meant) : reject(want);

function readNumber(row: OptionRow, text: string): Parsed {
  const whole = row.kind === 'int';
  const value = Number(text);
  const good = PLAIN_NUMBER.test(text) && (!whole || Number.isInteger(value));
  if (good && Math.abs(value) > MOST.number)
    return reject(`a number ${value > 0 ? 'of at most 1000000000' : 'of at least -1000000000'}`);
  const limit =
    row.above !== undefined ? ` above ${row.above}` : row.atLeast !== undefined ? ` of ${row.atLeast} or more` : '';
  const inside = (row.above === undefined || value > row.above) && (row.atLeast === undefined || value >= row.atLeast);
  return good && inside ? accept(value) : reject(`a ${whole ? 'whole ' : ''}number${limit}`);
}

function readResolution(text: string): Parsed {
  const lower = text.toLowerCase();
  if (lower === 'source') return accept({ kind: 'source' });
  const exact = /^(\d{1,5})\s*[x×:]\s*(\d{1,5})$/.exec(lower);
  if (!exact) return accept({ kind: 'name', id: lower });
  const [width, height] = [Number(exact[1]), Number(exact[2])];
  return width > 0 && height > 0
    ? accept({ kind: 'exact', width, height })
    : reject('a width and a height above 0, such as 1280x720');
}

function readCrop(text: string): Parsed {
  const lower = text.toLowerCase();
  if (lower === 'auto' || lower === 'off') return accept({ kind: lower });
  const box = /^(\d{1,5}):(\d{1,5}):(\d{1,5}):(\d{1,5})$/.exec(lower);
  const [width = 0, height = 0, x = 0, y = 0] = box?.slice(1).map(Number) ?? [];
  return width > 0 && height > 0
    ? accept({ kind: 'box', width, height, x, y })
    : reject('width:height:x:y in pixels, auto, or off');
}

const SUBTITLE_FILE = new RegExp(`\\.(${SUBTITLE_EXTENSIONS.join('|')})$`, 'i');
/** What `--subtitles` takes, for its messages. */
export const SUBTITLES_WANTED = 'keep, burn, drop, or an existing subtitle file (.srt, .ass, .ssa, .vtt)';

function readSubtitles(text: string): Parsed {
  const lower = text.toLowerCase();
  if (lower === 'keep' || lower === 'burn' || lower === 'drop') return accept({ kind: lower });
  return SUBTITLE_FILE.test(text) && !text.includes('\0')
    ? accept({ kind: 'file', path: text })
    : reject(SUBTITLES_WANTED);
}

function readSizes(text: string): Parsed {
  const found = text.split(/[\s,]+/).map((one) => /^(\d{1,5})[x×](\d{1,5})$/i.exec(one));
  const sizes = found.map((one) => ({ width: Number(one?.[1] ?? 0), height: Number(one?.[2] ?? 0) }));
  return sizes.every(({ width, height }) => width > 0 && height > 0)
    ? accept(sizes)
    : reject('widths and heights above 0, such as 320x180 or 320x180,1280x720');
}

const BEST_FIGURE: Readonly<Record<string, number>> = { ssim: 1, psnr: 100, vmaf: 100 };

function readQualityTarget(text: string): Parsed {
  const [, metric = '', figure = ''] = /^(ssim|psnr|vmaf)=(\d+(?:\.\d+)?|\.\d+)$/.exec(text.toLowerCase()) ?? [];
  const value = Number(figure);
  const best = BEST_FIGURE[metric];
  return best !== undefined && value > 0 && value <= best
    ? accept({ metric, value })
    : reject('ssim=X (to 1), psnr=X (dB) or vmaf=X (to 100)');
}

function readEnum(row: OptionRow, text: string): Parsed {
  const lower = text.toLowerCase();
  const value = row.synonyms?.[lower] ?? lower;
  if (!row.values?.includes(value)) return reject(`one of ${row.values?.join(', ')}`);
  return accept(row.name === 'rotate' ? Number(value) : value);
}

const CAP_NAMES = SIZE_CAPS.map(({ cap_id: id }) => id);

/** The cap that a file's size is named by; memory has no such names. */
const capOf = (row: OptionRow, text: string): SizeCap | undefined =>
  row.kind === 'size' && row.group === 'Quality and size' ? sizeCap(text) : undefined;

function readSize(row: OptionRow, text: string): Parsed {
  const cap = capOf(row, text);
  const bytes = cap ? capBytes(cap) : parseSize(text);
  const names = row.group === 'Quality and size' ? `, or the limit of ${CAP_NAMES.join(', ')}` : '';
  if (bytes === undefined || bytes <= 0) return reject(`a size above 0: 25, 25MB, 25MiB, 1.5GB${names}`);
  return atMost(bytes, MOST.bytes, bytes, 'a size of at most 1000 TB');
}

function readBitrate(text: string): Parsed {
  const kbps = parseBitrate(text);
  if (kbps === undefined || kbps < LEAST_KBPS) return reject('a bitrate above 0: 4000, 4000k, 4M');
  return atMost(kbps, MOST.kbps, kbps, 'a bitrate of at most 1000000M');
}

function readFrameRate(text: string): Parsed {
  const rate = parseFrameRate(text);
  const want = 'a frame rate above 0: 25, 29.97, 30000/1001, or source';
  return rate ? atMost(valueOf(rate), MOST.fps, rate, want) : reject(want);
}

function readTime(row: OptionRow, text: string): Parsed {
  const time = parseTime(text);
  if (!time) return reject('a time: 90, 90.5, 1:30, 1:02:03.5, 500ms, or a timecode 01:00:10:00');
  if (row.name !== 'start' && time.sec <= 0 && !time.frames) return reject('a time above 0');
  return atMost(time.sec, MOST.sec, time, 'a time of at most 100000 hours');
}

function readFlag(text: string): Parsed {
  if (/^(1|true|yes|on)$/i.test(text)) return accept(true);
  return /^(0|false|no|off|)$/i.test(text) ? accept(false) : reject('true or false');
}

function readText(row: OptionRow, text: string): Parsed {
  switch (row.kind) {
    case 'flag':
      return readFlag(text);
    case 'enum':
      return readEnum(row, text);
    case 'int':
    case 'number':
      return readNumber(row, text);
    case 'size':
      return readSize(row, text);
    case 'bitrate':
      return readBitrate(text);
    case 'rate':
      return text === 'source' ? accept('source') : readFrameRate(text);
    case 'time':
      return readTime(row, text);
    case 'resolution':
      return readResolution(text);
    case 'crop':
      return readCrop(text);
    case 'subtitles':
      return readSubtitles(text);
    case 'quality-target':
      return readQualityTarget(text);
    case 'frame-sizes':
      return readSizes(text);
    case 'assignment':
      return /^[\w.-]+=.*$/s.test(text) ? accept(text) : reject('KEY=VALUE');
    default:
      return text === '' || text.includes('\0') ? reject('some text') : accept(text);
  }
}

function readValue(row: OptionRow, raw: unknown): Parsed {
  if (row.repeatable) {
    const list =
      row.kind === 'assignment' && isMapping(raw)
        ? Object.entries(raw).map(([key, value]) => `${key}=${value}`)
        : Array.isArray(raw)
          ? raw
          : [raw];
    const read = list.map((item) => readText(row, String(item)));
    return read.find((one) => !one.ok) ?? accept(read.map((one) => (one.ok ? one.value : undefined)));
  }
  if (Array.isArray(raw) && row.kind === 'frame-sizes') return readText(row, raw.join(','));
  if (typeof raw === 'boolean' && row.kind === 'flag') return accept(raw);
  if (typeof raw === 'string' || (typeof raw === 'number' && row.kind !== 'flag')) return readText(row, String(raw));
  return reject(row.kind === 'flag' ? 'true or false' : 'a text or a number');
}

/** How a user would write this option where the value came from. */
export function spellOption(row: OptionRow, origin: OptionOrigin): string {
  if (origin.kind === 'flag') return `--${row.name}`;
  if (origin.kind === 'env') return `SG_EXPORT_${keyOf(row.name).toUpperCase()}`;
  return `${keyOf(row.name)} in ${origin.file}`;
}

function mayStand(row: OptionRow, origin: OptionOrigin): boolean {
  if (origin.kind === 'flag') return true;
  if (origin.kind === 'preset') return row.scope === 'delivery';
  return row.scope !== 'local';
}

/** A row's own key wins over another row's alias. */
const BY_KEY: ReadonlyMap<string, OptionRow> = new Map([
  ...OPTIONS.flatMap((row) => (row.keys ?? []).map((key) => [key, row] as const)),
  ...OPTIONS.map((row) => [keyOf(row.name), row] as const),
]);

/** The row that a key with this value means: the data model's `target_quality: high` is a level, `ssim=0.98` a figure. */
export function optionFor(key: string, value: unknown): OptionRow | undefined {
  const row = BY_KEY.get(key);
  if (row?.kind !== 'quality-target' || String(value).includes('=')) return row;
  const level = OPTIONS.find(({ name }) => name === 'quality');
  return level && readEnum(level, String(value)).ok ? level : row;
}

/** The row of a key as files write it (`max_bitrate`, `video_bitrate`), or undefined. */
export const optionByKey = (key: string): OptionRow | undefined => BY_KEY.get(key);

/** The keys that may stand in a file or variable of this origin. */
export function knownKeys(origin: OptionOrigin): readonly string[] {
  return OPTIONS.filter((row) => mayStand(row, origin)).map((row) => keyOf(row.name));
}

/** Reads one value: what it means, or the finding that it is wrong (exit 2). */
export function readOption(
  row: OptionRow,
  raw: unknown,
  origin: OptionOrigin,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly issue: Issue } {
  const parsed = readValue(row, raw);
  return parsed.ok ? parsed : { ok: false, issue: badValue(row, raw, parsed.want, origin) };
}

/** Reads raw values by their snake_case keys. Every wrong one is a finding (exit 2); the right ones are returned all the same. */
export function readOptions(
  raw: Readonly<Record<string, unknown>>,
  origin: OptionOrigin,
): { readonly values: OptionValues; readonly issues: readonly Issue[] } {
  const values: Record<string, unknown> = {};
  const issues: Issue[] = [];
  for (const [key, value] of Object.entries(raw)) {
    if (value === undefined || value === null) continue;
    const row = optionFor(key, value);
    if (!row || !mayStand(row, origin)) {
      issues.push(unknownKey(key, row, origin));
      continue;
    }
    const read = readOption(row, value, origin);
    const cap = capOf(row, String(value));
    if (read.ok) Object.assign(values, { [propertyOf(row.name)]: read.value }, cap && { sizeCap: cap.cap_id });
    else issues.push(read.issue);
  }
  return { values: values as OptionValues, issues };
}

function unknownKey(key: string, row: OptionRow | undefined, origin: OptionOrigin): Issue {
  const place = 'file' in origin ? ` in ${origin.file}` : '';
  const near = closest(key, knownKeys(origin));
  return {
    severity: 'error',
    code: row ? 'key_not_allowed_here' : 'unknown_key',
    message: row ? `'${key}' cannot be set${place}` : `unknown key '${key}'${place}`,
    path: key,
    hint: row ? `give it on the command line: --${row.name}` : near ? `did you mean '${near}'?` : '',
    exit: 'USAGE',
  };
}

function badValue(row: OptionRow, value: unknown, want: string, origin: OptionOrigin): Issue {
  const plain = Array.isArray(value) && value.every((one) => typeof one === 'string') ? value.join(' ') : value;
  const shown = typeof plain === 'object' ? JSON.stringify(plain) : String(plain);
  const names = row.kind === 'size' ? CAP_NAMES : row.values;
  const near = names ? closest(shown, [...names, ...Object.keys(row.synonyms ?? {})]) : undefined;
  return {
    severity: 'error',
    code: `bad_${keyOf(row.name)}`,
    message: `${spellOption(row, origin)}: '${shown}' is not ${want}`,
    path: origin.kind === 'flag' || origin.kind === 'env' ? spellOption(row, origin) : keyOf(row.name),
    hint: near ? `did you mean '${near}'?` : '',
    exit: 'USAGE',
  };
}
