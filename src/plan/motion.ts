import type { Analyses } from '../model/analyses.ts';
import type { Issue } from '../model/errors.ts';
import type { MediaInfo, VideoStream } from '../model/media.ts';
import type { FpsMode, OptionValues } from '../model/option-values.ts';
import { formatRational, type Rational, rational, valueOf } from '../model/rational.ts';
import type { Layered } from '../presets/layers.ts';
import { warn, wrong } from './finding.ts';
import { deliveredRate } from './frame-rate.ts';
import type { Deinterlace, Limits } from './resolved.ts';
import { naturalRate } from './timeline.ts';

/** How the source's fields and frames become the delivered ones. */
export interface Motion {
  readonly deinterlace: Deinterlace;
  readonly frameRate: Rational;
  readonly fpsMode: FpsMode;
  readonly issues: readonly Issue[];
}

/** ffprobe's field orders of interlaced pictures. */
const INTERLACED: readonly string[] = ['tt', 'bb', 'tb', 'bt'];
/** Film at 24 frames a second is telecined to 30 (both 1000/1001): every fifth picture is made of two. */
const TELECINED = rational(30_000, 1001);
const FILM = rational(24_000, 1001);

const near = (a: Rational, b: Rational): boolean => Math.abs(valueOf(a) / valueOf(b) - 1) < 0.002;

/** One picture of each field where twice the rate is wanted, else of both. */
function deinterlaceOf(
  { deinterlace }: OptionValues,
  analyses: Analyses,
  natural: Rational,
  rate: Rational,
): Deinterlace {
  if (deinterlace === 'detelecine') return 'detelecine';
  const needed = deinterlace === 'on' || (deinterlace !== 'off' && analyses.interlace?.interlaced === true);
  if (!needed) return 'off';
  return valueOf(rate) > 1.5 * valueOf(natural) ? 'field' : 'frame';
}

function deinterlaceIssues(
  options: OptionValues,
  stream: VideoStream,
  natural: Rational,
  { telecine }: Analyses,
): readonly Issue[] {
  if (options.deinterlace === 'detelecine' && !near(natural, TELECINED)) {
    const what = `--deinterlace detelecine: the source has ${formatRational(natural)} frames a second, telecined film has 30000/1001`;
    return [wrong('not_telecined', '--deinterlace', what, '--deinterlace on')];
  }
  if (options.deinterlace === 'detelecine' && telecine?.telecined === false) {
    const what = `--deinterlace detelecine: of the source's pictures ${Math.round(telecine.repeatedShare * 100)} % repeat a field, of telecined film 40 %`;
    return [wrong('no_telecine', '--deinterlace', what, '--deinterlace on for interlaced pictures, or leave it out')];
  }
  if (options.deinterlace === 'off' && INTERLACED.includes(stream.fieldOrder ?? '')) {
    const what = 'the source is interlaced: its fields are delivered woven into progressive pictures, with combs';
    return [warn('combs_kept', '--deinterlace', what, 'leave --deinterlace out')];
  }
  return [];
}

/** Frames are made up only where the rate changes; motion is followed at 8 bits. */
function fpsModeOf(
  { fpsMode = 'drop' }: OptionValues,
  natural: Rational,
  rate: Rational,
  bits: number,
  issues: Issue[],
): FpsMode {
  if (fpsMode === 'drop') return fpsMode;
  if (near(natural, rate)) {
    const what = `--fps-mode ${fpsMode} has nothing to do: the source has ${formatRational(natural)} frames a second`;
    issues.push(warn('fps_mode_idle', '--fps-mode', what, '--fps asks for another rate'));
    return 'drop';
  }
  if (fpsMode === 'interpolate' && bits > 8) {
    const what = `motion is interpolated at 8 bits: of the source's ${bits}, the others are lost`;
    issues.push(warn('interpolated_at_8_bits', '--fps-mode', what, '--fps-mode blend keeps them'));
  }
  return fpsMode;
}

/** Decides deinterlacing, frame rate, and how frames come about. */
export function planMotion(
  stream: VideoStream,
  media: MediaInfo,
  layered: Layered,
  limits: Limits,
  analyses: Analyses,
): Motion {
  const { values } = layered;
  const natural = naturalRate(stream, media);
  const issues: Issue[] = [...deinterlaceIssues(values, stream, natural, analyses)];
  const restored = values.deinterlace === 'detelecine' && near(natural, TELECINED) ? FILM : natural;
  const { rate: frameRate, issues: rateIssues } = deliveredRate(restored, layered, limits);
  issues.push(...rateIssues);
  const deinterlace = deinterlaceOf(values, analyses, natural, frameRate);
  const shown = deinterlace === 'field' ? rational(natural.num * 2, natural.den) : restored;
  const fpsMode = fpsModeOf(values, shown, frameRate, stream.bitDepth, issues);
  return { deinterlace, frameRate, fpsMode, issues };
}
