import type { ContainerId, OptimizeGoal, OptionValues, VideoCodecId } from '../model/option-values.ts';

/** What `--optimize-for` stands for: a layer of values above a preset's, below the flags', and what no flag says. */
export interface GoalRow {
  readonly values: OptionValues;
  /** Where neither codec, container nor extension is given. */
  readonly container?: ContainerId;
  /** In place of a container's own codec, where nobody chose one. */
  readonly codecs?: Partial<Readonly<Record<ContainerId, VideoCodecId>>>;
  /** Sound without loss where the container holds it and nobody chose a codec. */
  readonly losslessSound?: true;
  /** Seconds between keyframes, where no platform says otherwise. */
  readonly gopSec?: number;
  /** Every rate has a maximum and a buffer: what is sent while it plays must not swell. */
  readonly holdsPeaks?: true;
  /** Two passes wherever a rate is given and the encoder has them. */
  readonly twoPass?: true;
  /** What a player needs first stands first, in Matroska too. */
  readonly indexFirst?: true;
}

export const GOALS: Readonly<Record<OptimizeGoal, GoalRow>> = {
  streaming: { values: { mode: 'vbr' }, gopSec: 2, holdsPeaks: true, indexFirst: true },
  // Nobody joins in the middle: keyframes may be rare, and time for the encoder is spent once.
  download: {
    values: { speed: 'slow' },
    codecs: { mp4: 'h265', mov: 'h265', mkv: 'h265', webm: 'av1' },
    gopSec: 5,
    twoPass: true,
  },
  archive: {
    values: { quality: 'ultra', audioTrack: 'all', subtitles: { kind: 'keep' }, metadata: 'keep' },
    container: 'mkv',
    losslessSound: true,
  },
};

export const goalOf = ({ optimizeFor }: OptionValues): GoalRow | undefined =>
  optimizeFor === undefined ? undefined : GOALS[optimizeFor];
