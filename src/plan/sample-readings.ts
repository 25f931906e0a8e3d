import type { MediaInfo } from '../model/media.ts';
import { isFormat, UNINDEXED_FORMATS } from '../model/media-formats.ts';
import { INPUT_GUARD, sec } from './input-args.ts';
import type { ResolvedExport, Timeline } from './resolved.ts';
import { areWhole, type Part } from './sample-parts.ts';

/** One reading of the source, and the time lines of the parts that come of it. */
export interface PartReading {
  readonly timelines: readonly Timeline[];
  /** An input of ffmpeg. */
  readonly args: readonly string[];
}

/** How far beyond a part's end its source is read: the picture that follows tells how long the last one stands. */
const READ_ON_SEC = 0.5;
/** Without an index ffmpeg lands at the first keyframe behind what it is asked for, less 3/23 s where there are B-frames (MPEG-TS, ffmpeg 5.1). */
const BY_KEY_SEC = 0.005;

type Together = readonly [Part, ...Part[]];

/** Parts that are decoded from the same keyframe are read together: a film without further ones is decoded once. */
function together(parts: readonly Part[]): readonly Together[] {
  const found: [Part, ...Part[]][] = [];
  for (const part of parts) {
    const last = found.at(-1);
    if (last && part.keySec !== undefined && last[0].keySec === part.keySec) last.push(part);
    else found.push([part]);
  }
  return found;
}

function inputArgs({ source, video: { decoder, index } }: ResolvedExport, seekSec: number, lengthSec?: number) {
  return [
    ...INPUT_GUARD,
    ...(decoder ? [`-c:${index}`, decoder] : []),
    ...(seekSec > 0 ? ['-ss', sec(seekSec)] : []),
    ...(lengthSec === undefined ? [] : ['-t', sec(lengthSec)]),
    ...['-i', `file:${source}`],
  ];
}

function reading(resolved: ResolvedExport, media: MediaInfo, parts: Together): PartReading {
  const whole = resolved.timeline;
  const zeroSec = whole.seekSec + whole.originSec;
  const [{ fromSec, keySec }] = parts;
  const byKey = keySec !== undefined && isFormat(media.format, UNINDEXED_FORMATS);
  const atSec = byKey ? (keySec > 0 ? keySec + BY_KEY_SEC : 0) : fromSec;
  const seekSec = Math.max(0, zeroSec + atSec);
  const timelines = parts.map((part) => ({
    seekSec,
    originSec: zeroSec + part.fromSec - seekSec,
    startSec: whole.startSec + part.fromSec,
    durationSec: part.durationSec,
    cutStart: false,
    cutEnd: true,
    holdSec: 0,
  }));
  const endSec = Math.max(...timelines.map(({ originSec, durationSec }) => originSec + durationSec));
  return { timelines, args: inputArgs(resolved, seekSec, endSec + READ_ON_SEC) };
}

/** How the source is read for parts of it, in their order. */
export const partReadings = (
  resolved: ResolvedExport,
  media: MediaInfo,
  parts: readonly Part[],
): readonly PartReading[] =>
  areWhole(parts, resolved)
    ? [{ timelines: [resolved.timeline], args: inputArgs(resolved, resolved.timeline.seekSec) }]
    : together(parts).map((some) => reading(resolved, media, some));

/** The stream of which a graph takes the parts, and what it makes of each, and of all. */
interface PartsGraph {
  readonly kind: 'v' | 'a';
  readonly index: number;
  readonly firstInput: number;
  readonly chain: (timeline: Timeline) => string;
  readonly end: string;
  readonly label: string;
}

/** The parts of one stream, one after the other, in the graph's output `label`. */
export function partsGraph(
  readings: readonly PartReading[],
  { kind, index, firstInput, chain, end, label }: PartsGraph,
): string {
  const name = (n: number, k: number): string => `[${kind}${index}_${n}_${k}]`;
  const made = (n: number, k: number): string => `[part${kind}${index}_${n}_${k}]`;
  const [only] = readings;
  const [alone] = only?.timelines ?? [];
  if (alone && readings.length === 1 && only?.timelines.length === 1)
    return `[${firstInput}:${index}]${chain(alone)}${end}${label}`;
  const chains = readings.flatMap(({ timelines }, n) => {
    const input = `[${n + firstInput}:${index}]`;
    const split = kind === 'v' ? 'split' : 'asplit';
    const outputs = timelines.map((_, k) => name(n, k));
    const several = timelines.length > 1;
    return [
      ...(several ? [`${input}${split}=${timelines.length}${outputs.join('')}`] : []),
      ...timelines.map((timeline, k) => `${several ? outputs[k] : input}${chain(timeline)}${made(n, k)}`),
    ];
  });
  const all = readings.flatMap(({ timelines }, n) => timelines.map((_, k) => made(n, k)));
  const streams = kind === 'v' ? '' : ':v=0:a=1';
  return [...chains, `${all.join('')}concat=n=${all.length}${streams}${end}${label}`].join(';');
}
