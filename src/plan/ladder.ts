import { videoCodec } from '../codecs/video.ts';
import type { Issue } from '../model/errors.ts';
import { formatRational, type Rational, rational, valueOf } from '../model/rational.ts';
import { LADDER, type LadderRow } from '../presets/ladder-table.ts';
import { warn, wrong } from './finding.ts';
import { even, type Size } from './geometry.ts';

/** Codecs that a package can hold: players of streams know no others. */
export const LADDER_CODECS = ['h264', 'h265', 'vp9', 'av1'] as const;
export type LadderCodec = (typeof LADDER_CODECS)[number];

/** One rendition of the picture. */
export interface Rung {
  /** Unique among the rungs: `1080p_h264`. Letters, digits, `_`. */
  readonly id: string;
  readonly codec: LadderCodec;
  readonly width: number;
  readonly height: number;
  /** What its buffer is filled with at most; with `--mode vbr` the average. */
  readonly kbps: number;
}

/** A rung as it is asked for: `1080p:5000k`, `h265:720p`, `1280x536:2500k`. */
export interface WantedRung {
  readonly text: string;
  readonly codec: LadderCodec | undefined;
  /** A short side, whose width follows the picture's shape, or a frame that holds the picture. */
  readonly size: { readonly side: number } | Size;
  readonly kbps: number | undefined;
}

/** What is known of the picture that the rungs are made of: upright, in square pixels. */
interface LadderSource extends Size {
  readonly frameRate: Rational;
  readonly hdr: boolean;
}

export interface LadderContext {
  readonly source: LadderSource;
  readonly codec: LadderCodec;
  /** Rungs may be larger than the source. */
  readonly upscale: boolean;
  /** What the rates are multiplied with, by the measured need of this film; 1 = as published. */
  readonly need: number;
}

export interface LadderDecision {
  /** Largest first. */
  readonly rungs: readonly Rung[];
  readonly issues: readonly Issue[];
}

const nearestEven = (n: number): number => Math.max(2, 2 * Math.round(n / 2));

/** Sides that differ by less are the same picture to the eye: the source's own size stands in for such a row. */
const NEXT_SIDE = 1.25;
/** A rung of the same size and codec must have this many times the rate of the one below. */
const NEXT_RATE = 1.3;
const LEAST_KBPS = 64;

function rowsOf(codec: LadderCodec, hdr: boolean): readonly LadderRow[] {
  if (codec === 'h264') return LADDER.tables.h264;
  const rows = hdr ? LADDER.tables.h265_hdr : LADDER.tables.h265;
  const factor = (videoCodec(codec)?.bitsFactor ?? 1) / (videoCodec('h265')?.bitsFactor ?? 1);
  return rows.map((row) => ({ ...row, kbps: row.kbps * factor }));
}

/** The picture in a frame that is turned as the picture is; `factor` is what it is scaled by. */
function fitted(source: Size, frame: Size): Size & { readonly factor: number } {
  const isTall = source.height > source.width;
  const [width, height] = isTall ? [frame.height, frame.width] : [frame.width, frame.height];
  const factor = Math.min(width / source.width, height / source.height);
  return { width: nearestEven(source.width * factor), height: nearestEven(source.height * factor), factor };
}

/** Above 30 frames a second half of the surplus counts, as in the levels' rates. */
const rateFactor = (fps: number): number => (fps > 30 ? 1 + (fps / 30 - 1) / 2 : 1);

/** The published rate for so many pixels: between rows, and beyond them, by the nearest two (in log–log). */
export function ladderKbps(size: Size, { codec, source, need }: LadderContext): number {
  const rows = rowsOf(codec, source.hdr);
  const pixels = size.width * size.height;
  const above = rows.findIndex((row) => row.width * row.height >= pixels);
  const at = above === -1 ? rows.length - 1 : Math.max(1, above);
  const [low, high] = [rows[at - 1], rows[at]];
  if (!low || !high) return LEAST_KBPS;
  const lowPixels = low.width * low.height;
  const slope = Math.log(high.kbps / low.kbps) / Math.log((high.width * high.height) / lowPixels);
  const kbps = low.kbps * (pixels / lowPixels) ** slope * rateFactor(valueOf(source.frameRate)) * need;
  return Math.max(LEAST_KBPS, Math.round(kbps / 5) * 5);
}

/** The source's own size: an odd row or column is cut, as in any export. */
const ownSize = ({ width, height }: Size): Size => ({ width: even(width), height: even(height) });

/** Sizes of the default ladder, smallest first: the table's as far as they are within the source, and the source's own. */
function defaultSizes({ source, codec, upscale }: LadderContext): readonly (Size & { readonly side: number })[] {
  const rows = rowsOf(codec, source.hdr).map((row) => ({ ...fitted(source, row), side: row.height }));
  const within = rows.filter(({ factor }) => upscale || factor <= 1.005);
  const top = within.at(-1);
  if (top && within.length === rows.length) return within;
  const own = { ...ownSize(source), side: sideOf(ownSize(source)) };
  if (!top) return [own];
  if (top.factor > 0.995) return within;
  return [...(1 / top.factor < NEXT_SIDE ? within.slice(0, -1) : within), own];
}

const sideOf = ({ width, height }: Size): number => Math.min(width, height);

function defaultLadder(context: LadderContext): LadderDecision {
  const { codec, source } = context;
  const rungs = defaultSizes(context).map(({ width, height, side }) => ({
    ...{ id: `${side}p_${codec}`, codec, width, height },
    kbps: ladderKbps({ width, height }, context),
  }));
  const top = rungs.at(-1);
  const smaller = top && sideOf(source) > NEXT_SIDE * sideOf(top);
  const hint = codec === 'h264' ? '--codec h265 goes to 2160p; --rungs names your own' : '--rungs names your own';
  const what = `the ladder ends at ${top?.width}x${top?.height}, below the source: ${codec} has no larger rung in ${LADDER.source.split(',')[0]}'s table`;
  return { rungs: rungs.reverse(), issues: smaller ? [warn('ladder_ends_below', '--ladder', what, hint)] : [] };
}

const RUNG_HINT = 'write [codec:]size[:rate], such as 1080p:5000k,720p:2800k or h265:1080p';

function readSize(text: string): WantedRung['size'] | undefined {
  const side = /^(\d{2,4})p$/i.exec(text);
  if (side) return { side: Number(side[1]) };
  const frame = /^(\d{2,5})[x×](\d{2,5})$/i.exec(text);
  return frame ? { width: Number(frame[1]), height: Number(frame[2]) } : undefined;
}

const CODEC_WORDS: Readonly<Record<string, LadderCodec>> = { hevc: 'h265', avc: 'h264' };

/** Reads `--rungs`: every part that is no rung is a finding (exit 2). `parseKbps` reads a bitrate. */
export function readRungs(
  text: string,
  parseKbps: (text: string) => number | undefined,
): { readonly wanted: readonly WantedRung[]; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  const wanted: WantedRung[] = [];
  for (const part of text.split(',').map((one) => one.trim().toLowerCase())) {
    const words = part.split(':');
    const named = CODEC_WORDS[words[0] ?? ''] ?? LADDER_CODECS.find((one) => one === words[0]);
    const [sizeWord = '', rateWord, ...more] = named ? words.slice(1) : words;
    const size = readSize(sizeWord);
    const kbps = rateWord === undefined ? undefined : parseKbps(rateWord);
    if (!size || more.length > 0 || (rateWord !== undefined && !(kbps && kbps >= 1))) {
      issues.push(wrong('bad_rung', '--rungs', `--rungs: '${part}' is no rung`, RUNG_HINT, 'USAGE'));
    } else wanted.push({ text: part, codec: named, size, kbps });
  }
  return { wanted, issues };
}

/** The frame of a short side, in 16:9: what `1080p` means of a picture that is wider or narrower. */
const frameOf = (size: WantedRung['size']): Size =>
  'side' in size ? { width: Math.round((size.side * 16) / 9), height: size.side } : size;

function wantedRung(wanted: WantedRung, context: LadderContext, issues: Issue[]): Rung | undefined {
  const { source, upscale } = context;
  const codec = wanted.codec ?? context.codec;
  const { width, height, factor } = fitted(source, frameOf(wanted.size));
  if (factor > 1.005 && !upscale) {
    const what = `--rungs: ${wanted.text} is larger than the source (${source.width}x${source.height}) and is left out`;
    issues.push(warn('rung_above_source', '--rungs', what, '--upscale makes it'));
    return undefined;
  }
  const kbps = wanted.kbps ?? ladderKbps({ width, height }, { ...context, codec });
  const side = 'side' in wanted.size ? wanted.size.side : sideOf({ width, height });
  return { id: `${side}p_${codec}`, codec, width, height, kbps: Math.round(kbps) };
}

/** Two that nobody could tell apart are a mistake. */
function alikeIssues(rungs: readonly Rung[]): readonly Issue[] {
  return rungs.flatMap((rung, index) => {
    const twin = rungs
      .slice(0, index)
      .find(({ codec, width, height }) => codec === rung.codec && width === rung.width && height === rung.height);
    const ratio = twin ? Math.max(twin.kbps, rung.kbps) / Math.min(twin.kbps, rung.kbps) : Number.POSITIVE_INFINITY;
    if (!twin || ratio >= NEXT_RATE) return [];
    const what = `--rungs: two of ${rung.width}x${rung.height} in ${rung.codec} at ${twin.kbps}k and ${rung.kbps}k cannot be told apart`;
    return [wrong('rungs_alike', '--rungs', what, `leave one out, or let the rates differ by ${NEXT_RATE} times`)];
  });
}

/** Rungs of one size are told apart by their rates. */
function withOwnIds(rungs: readonly Rung[]): readonly Rung[] {
  return rungs.map((rung) =>
    rungs.filter(({ id }) => id === rung.id).length > 1 ? { ...rung, id: `${rung.id}_${rung.kbps}k` } : rung,
  );
}

const largestFirst = (a: Rung, b: Rung): number =>
  LADDER_CODECS.indexOf(a.codec) - LADDER_CODECS.indexOf(b.codec) ||
  b.width * b.height - a.width * a.height ||
  b.kbps - a.kbps;

/** Decides the rungs: the published ladder fitted to the source, or the wanted ones. Pure. */
export function planLadder(context: LadderContext, wanted: readonly WantedRung[] | undefined): LadderDecision {
  if (!wanted) return defaultLadder(context);
  const issues: Issue[] = [];
  const rungs = wanted.flatMap((one) => wantedRung(one, context, issues) ?? []);
  issues.push(...alikeIssues(rungs));
  if (rungs.length === 0) {
    const { width, height } = context.source;
    const what = `--rungs: all are larger than the source, which is ${width}x${height}`;
    issues.push(wrong('no_rungs', '--rungs', what, 'smaller rungs, or --upscale'));
  }
  return { rungs: withOwnIds([...rungs].sort(largestFirst)), issues };
}

/** The same with the rung in front that players should begin with: of the first codec, the one nearest to the published start. */
export function startingFirst(rungs: readonly Rung[]): readonly Rung[] {
  const off = ({ kbps }: Rung) => Math.abs(Math.log(kbps / LADDER.start_kbps));
  const same = rungs.filter(({ codec }) => codec === rungs[0]?.codec);
  const [start] = [...same].sort((a, b) => off(a) - off(b));
  return start ? [start, ...rungs.filter((rung) => rung !== start)] : rungs;
}

/** Every n-th picture of a film that has more of them than players of streams take; undefined: it is kept as it is. */
export function ladderRate(rate: Rational): { readonly rate: Rational; readonly issue: Issue } | undefined {
  const fps = valueOf(rate);
  const most = LADDER.max_frame_rate * 1.001;
  if (fps <= most) return undefined;
  const slower = rational(rate.num, rate.den * Math.ceil(fps / most));
  const what = `${formatRational(rate)} frames a second are delivered as ${formatRational(slower)}: players of streams take ${LADDER.max_frame_rate}`;
  return { rate: slower, issue: warn('ladder_frame_rate', '--fps', what, '--fps asks for another rate') };
}

/** How a film is cut: all in whole pictures, so that it is the same in every rung. */
export interface Cut {
  readonly gopFrames: number;
  readonly gopSec: number;
  readonly gopsPerSegment: number;
  readonly segmentSec: number;
}

export const SEGMENT_SEC = { min: 2, max: 6, default: LADDER.segment_sec } as const;

/** Segments of whole groups of pictures, as near to the wanted length as whole pictures allow. */
export function planCut(rate: Rational, wantedSec: number = SEGMENT_SEC.default): Cut {
  const fps = valueOf(rate);
  const gopsPerSegment = Math.max(1, Math.round(wantedSec / LADDER.gop_sec));
  const gopFrames = Math.max(1, Math.round((wantedSec * fps) / gopsPerSegment));
  return {
    gopFrames,
    gopSec: gopFrames / fps,
    gopsPerSegment,
    segmentSec: (gopFrames * gopsPerSegment) / fps,
  };
}
