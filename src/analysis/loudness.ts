import { audioCodec } from '../codecs/audio.ts';
import type { Gain, LoudnessFinding } from '../model/analyses.ts';
import { audioChain } from '../plan/filters.ts';
import { loudnessFilters } from '../plan/loudness.ts';
import type { ResolvedAudio, ResolvedExport } from '../plan/resolved.ts';
import type { LookAt } from './look.ts';

/** EBU R128's absolute gate: below it there is nothing to measure, and ffmpeg prints just this. */
const SILENCE_LUFS = -70;
/** True peak that no delivery exceeds, dBTP (EBU R128). */
const MAX_PEAK_DBTP = -1;
/** Corrections stop within this of the target, LU: the delivery keeps half a unit. */
const CLOSE_LU = 0.15;
const CLOSE_DB = 0.2;
const MOST_CORRECTIONS = 8;
/** What AAC, MP3 and Opus add to the peaks of limited sound, dB: up to 0.9 was measured. */
const LOSSY_ADDS_DB = 1;

/** What `ebur128` prints last. */
export interface Loudness {
  /** Integrated loudness, LUFS (EBU R128). */
  readonly lufs: number;
  /** True peak, dBTP; undefined where it was not asked for. */
  readonly peakDbtp: number | undefined;
}

/** The summary of `ebur128`; undefined for silence or no summary. */
export function parseLoudness(text: string): Loudness | undefined {
  const last = (key: RegExp): number => Number([...text.matchAll(key)].at(-1)?.[1] ?? Number.NaN);
  const lufs = last(/\bI:\s+(-?[\d.]+) LUFS/g);
  const peak = last(/\bPeak:\s+(-?[\d.]+) dBFS/g);
  return lufs > SILENCE_LUFS ? { lufs, peakDbtp: Number.isNaN(peak) ? undefined : peak } : undefined;
}

const METER = 'ebur128=peak=true:framelog=verbose';

/** Integrated loudness and true peak of one track of a file, decoded whole. `inputArgs` opens the file, `track` is a `-map` of it. */
export async function measureLoudness(
  inputArgs: readonly string[],
  track: string,
  look: LookAt,
  chain = '',
): Promise<Loudness | undefined> {
  const filter = chain === '' ? METER : `${chain},${METER}`;
  return parseLoudness(
    await look([...inputArgs, '-vn', '-sn', '-dn', '-map', track, '-af', filter, '-f', 'null', '-']),
  );
}

/**
 * How each encoded track of a delivery reaches a loudness: by one gain where its peaks have room for it (`linear`),
 * else with a limiter (`dynamic`), whose loss of loudness is measured and made up for. One finding a track, in order.
 */
export async function findLoudness(
  resolved: ResolvedExport,
  targetLufs: number,
  look: LookAt,
): Promise<readonly LoudnessFinding[]> {
  const findings: LoudnessFinding[] = [];
  for (const track of resolved.audio) findings.push(await trackLoudness(resolved, track, targetLufs, look));
  return findings;
}

async function trackLoudness(
  { source, timeline }: ResolvedExport,
  track: ResolvedAudio,
  targetLufs: number,
  look: LookAt,
): Promise<LoudnessFinding> {
  if (track.encoder === 'copy' || track.silent) return { mode: 'untouched' };
  const seek = timeline.seekSec > 0 ? ['-ss', String(timeline.seekSec)] : [];
  const input = ['-protocol_whitelist', 'file', ...seek, '-i', `file:${source}`];
  const meter = (chain: string) => measureLoudness(input, `0:${track.index}`, look, chain);
  const plain = audioChain({ ...track, loudness: undefined }, timeline, false);
  const found = await meter(plain);
  if (!found) return { mode: 'silent' };
  const gainDb = targetLufs - found.lufs;
  const measured = { sourceLufs: found.lufs, sourcePeakDbtp: found.peakDbtp ?? 0 };
  const ceiling = MAX_PEAK_DBTP - (audioCodec(track.codec)?.lossless ? 0 : LOSSY_ADDS_DB);
  if ((found.peakDbtp ?? 0) + gainDb <= ceiling) return { mode: 'linear', gainDb: round(gainDb), ...measured };
  const limited = (gain: Gain) => meter([plain, ...loudnessFilters(gain, track.sampleRate)].join(','));
  const settled = await settleLimiter(gainDb, targetLufs, ceiling, limited);
  return 'reachedLufs' in settled ? settled : { ...settled, ...measured };
}

/** Turns gain and limiter by what comes out, until loudness and peaks are right; or says how far it gets. */
async function settleLimiter(
  firstGainDb: number,
  targetLufs: number,
  ceiling: number,
  limited: (gain: Gain) => Promise<Loudness | undefined>,
): Promise<(Gain & { readonly mode: 'dynamic' }) | Extract<LoudnessFinding, { readonly mode: 'unreachable' }>> {
  let [gainDb, limitDb, reachedLufs] = [firstGainDb, ceiling, Number.NEGATIVE_INFINITY];
  for (let turn = 0; turn < MOST_CORRECTIONS; turn += 1) {
    const gain = { mode: 'dynamic', gainDb: round(gainDb), limitDb: round(limitDb) } as const;
    const reached = await limited(gain);
    const missingLu = targetLufs - (reached?.lufs ?? targetLufs);
    const tooHighDb = (reached?.peakDbtp ?? ceiling) - ceiling;
    if (Math.abs(missingLu) <= CLOSE_LU && tooHighDb <= CLOSE_DB) return gain;
    reachedLufs = Math.max(reachedLufs, reached?.lufs ?? reachedLufs);
    gainDb += missingLu;
    if (tooHighDb > CLOSE_DB) limitDb -= tooHighDb;
  }
  return { mode: 'unreachable', reachedLufs };
}

const round = (db: number): number => Math.round(db * 100) / 100;
