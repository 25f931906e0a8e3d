import type { Gain, LoudnessFinding } from '../model/analyses.ts';
import type { Issue } from '../model/errors.ts';
import type { AudioCodecId } from '../model/option-values.ts';
import { warn, wrong } from './finding.ts';

/** The limiter works at 192 kHz, where the peaks between samples are samples; where it stands was found by measuring what comes out. */
const LIMIT_AT_HZ = 192_000;

const amplitude = (db: number): string => (10 ** (db / 20)).toFixed(4);

/** Brings a track to its loudness. */
export function loudnessFilters(gain: Gain | undefined, sampleRate: number): readonly string[] {
  if (!gain) return [];
  const volume = `volume=${gain.gainDb}dB`;
  if (gain.mode === 'linear') return [volume];
  const limiter = `alimiter=limit=${amplitude(gain.limitDb ?? -1)}:attack=2:release=50:level=disabled`;
  return [volume, `aresample=${LIMIT_AT_HZ}`, limiter, `aresample=${sampleRate}`];
}

/** What is done to a track for its loudness; nothing where there is none, or where it is not ours to change. */
export const gainOf = (finding: LoudnessFinding | undefined): Gain | undefined =>
  finding && 'gainDb' in finding
    ? {
        mode: finding.mode,
        gainDb: finding.gainDb,
        ...(finding.limitDb === undefined ? {} : { limitDb: finding.limitDb }),
      }
    : undefined;

/** EBU R128 measures nothing below; above, everything would be limited. LUFS. */
const LOUDNESS_RANGE = [-70, -5] as const;

/** Findings of a loudness that was asked for (`wanted`, LUFS), and of what was measured for it (`found`, by track). */
export function loudnessIssues(
  wanted: number | undefined,
  codec: AudioCodecId,
  found: readonly LoudnessFinding[] | undefined,
  tracks: number,
): readonly Issue[] {
  if (wanted === undefined) return [];
  const [least, most] = LOUDNESS_RANGE;
  if (wanted < least || wanted > most) {
    const what = `--loudness ${wanted} is out of range`;
    return [
      wrong('loudness_range', '--loudness', what, `${least} to ${most} LUFS: -14 for the web, -23 for broadcast`),
    ];
  }
  if (codec === 'copy' && tracks > 0) {
    const what = '--loudness does not go with copied sound: nothing of it can be changed';
    return [wrong('loudness_copy', '--loudness', what, 'another --audio-codec')];
  }
  if (tracks === 0 || codec === 'none')
    return [warn('loudness_idle', '--loudness', '--loudness has nothing to do: no sound is delivered')];
  return (found ?? []).flatMap((finding, at): readonly Issue[] => {
    const track = tracks > 1 ? `audio track ${at + 1}` : 'the sound';
    if (finding.mode === 'silent')
      return [warn('loudness_silent', '--loudness', `${track} is silent: there is no loudness to change`)];
    if (finding.mode === 'unreachable') {
      const what = `--loudness ${wanted}: ${track} reaches ${finding.reachedLufs} LUFS at most with its peaks below -1 dBTP`;
      return [wrong('loudness_unreachable', '--loudness', what, `--loudness ${Math.floor(finding.reachedLufs)}`)];
    }
    if (finding.mode !== 'dynamic') return [];
    const what = `${track} is ${finding.sourceLufs} LUFS with peaks at ${finding.sourcePeakDbtp} dBTP: to reach ${wanted}, its peaks are limited`;
    return [warn('loudness_limited', '--loudness', what, 'a lower --loudness needs no limiter')];
  });
}
