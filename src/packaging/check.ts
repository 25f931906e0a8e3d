import type { Issue } from '../model/errors.ts';

/** One thing that was looked at, in a package or in one file of it. */
export interface PackageCheck {
  readonly name: CheckName;
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
  readonly ok: boolean;
  readonly severity: 'error' | 'warning';
}

/** What each check is about, as it stands in a sentence, and what would put it right. */
const CHECKS = {
  manifest_form: ['what is written', 'write the playlist or manifest again'],
  not_empty: ['segments', 'package the source again: nothing was written there'],
  uri_inside: ['address', 'name files of the package by relative paths that stay in its folder'],
  uri_exists: ['file', 'put the file back, or package the source again'],
  file_not_empty: ['size', 'package the source again: the file was not written to its end'],
  byte_range: ['byte range', 'the file is shorter than the manifest says: package the source again'],
  ended: ['end mark', 'write EXT-X-ENDLIST (or type="static"): without it players wait for more'],
  target_duration: ['EXT-X-TARGETDURATION', 'set it to the longest segment, rounded to whole seconds'],
  segment_structure: ['structure', 'package the source again: the segment is cut short or of another kind'],
  segment_duration: ['duration', 'write the duration that the segment has'],
  durations_agree: ['whole duration', 'make all renditions from the same span of the source'],
  starts_agree: ['start', 'make all renditions start at the same time'],
  segment_time: ['time', 'write the times that the segments have (tfdt)'],
  keyframe_start: ['start of the segment', 'force a keyframe at each boundary and close the groups of pictures'],
  aligned: ['boundaries', 'force keyframes at the same times in all rungs'],
  continuous: ['join', 'cut all segments from one stream without gap or overlap'],
  codecs: ['CODECS', 'write what the bitstream says'],
  resolution: ['RESOLUTION', 'write the size that the bitstream has'],
  frame_rate: ['FRAME-RATE', 'write the highest rate that the segments have'],
  video_range: ['VIDEO-RANGE', 'write SDR, PQ or HLG as the bitstream says'],
  channels: ['CHANNELS', 'write how many the bitstream has'],
  bandwidth: ['BANDWIDTH', 'measure it: the peak over segments and the heaviest sound that plays with it'],
  average_bandwidth: ['AVERAGE-BANDWIDTH', 'measure it: all bits over the whole duration'],
  attributes: ['attributes', 'add them: players choose by them'],
  picture: ['picture', 'make the sheets of thumbnails again, or write the size and layout that they have'],
  picture_times: ['times of thumbnails', 'write what each sheet and each of its pictures stands for'],
  picture_index: ['index of thumbnails', 'write cues that name parts of pictures which are there'],
  key: ['key', 'give the whole address of the key (https://…), or put its 16 bytes where the playlist says'],
  protection: ['encryption', 'write what the header of the segments says: its scheme, and its key by id'],
  timestamp_map: ['X-TIMESTAMP-MAP', 'map LOCAL to the time stamp that the film has there'],
} as const satisfies Readonly<Record<string, readonly [subject: string, hint: string]>>;

export type CheckName = keyof typeof CHECKS;

/** A check that did not pass, as a finding. */
export function issueOf({ name, path, expected, actual, severity }: PackageCheck): Issue {
  const [subject, hint] = CHECKS[name];
  const message = `${path}: ${subject}: ${actual}; expected ${expected}`;
  return { severity, code: `package_${name}`, message, path, hint, exit: 'RULES' };
}

export interface Failure {
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

/** More of one kind say nothing new. */
const MAX_FAILURES = 5;

/** Collects checks. What holds for many parts of a file is one check where all pass, else one for each part that does not. */
export class Checks {
  readonly all: PackageCheck[] = [];

  add(name: CheckName, path: string, row: Omit<PackageCheck, 'name' | 'path' | 'severity'>, warning = false): void {
    this.all.push({ name, path, ...row, severity: warning ? 'warning' : 'error' });
  }

  each<T>(
    name: CheckName,
    path: string,
    parts: readonly T[],
    judge: (part: T, index: number) => Failure | undefined,
    warning = false,
  ): void {
    if (parts.length === 0) return;
    const failures = parts.map(judge).filter((one) => one !== undefined);
    if (failures.length === 0) {
      const all = `${parts.length} as they should be`;
      this.add(name, path, { expected: all, actual: all, ok: true }, warning);
      return;
    }
    for (const { path: part, ...row } of failures.slice(0, MAX_FAILURES)) {
      this.add(name, part, { ...row, ok: false }, warning);
    }
    const more = failures.length - MAX_FAILURES;
    if (more > 0) this.add(name, path, { expected: 'none', actual: `${more} more like these`, ok: false }, warning);
  }
}
