/** The oldest ffmpeg and ffprobe that sg-export works with. */
export const OLDEST_RELEASE: readonly [number, number] = [5, 1];

/** What a build from git counts as: newer than any release. */
const GIT_BUILD: readonly [number, number] = [999, 0];

export interface Version {
  /** As printed, such as `5.1.9-0+deb12u1`. */
  readonly version: string;
  readonly release: readonly [number, number];
}

/** Reads the first line of `-version`; undefined when it is not that of the named program. */
export function parseVersion(program: 'ffmpeg' | 'ffprobe', output: string): Version | undefined {
  const version = new RegExp(`^${program} version (\\S+)`, 'm').exec(output)?.[1];
  if (version === undefined) return undefined;
  // `N-112-g…`, `git-2023-…`, `2023-01-31-git-…`: built from git. Anything else unknown is more likely new than old.
  const numbers = /^\d{4}-\d{2}-\d{2}/.test(version) ? null : /^n?(\d+)(?:\.(\d+))?/.exec(version);
  return { version, release: numbers ? [Number(numbers[1]), Number(numbers[2] ?? 0)] : GIT_BUILD };
}

export function isTooOld(release: readonly [number, number]): boolean {
  const [major, minor] = OLDEST_RELEASE;
  return release[0] < major || (release[0] === major && release[1] < minor);
}

/** Names in the table of `-encoders`: six flags, the name, the description, after a line of dashes. */
export function parseEncoders(output: string): readonly string[] {
  return namesAfter(output.slice(Math.max(0, output.indexOf('------'))), /^ [VAS][F.][S.][X.][B.][D.] (\S+)/);
}

/** Names in the table of `-filters`: two or three flags, the name, `V->V`. */
export function parseFilters(output: string): readonly string[] {
  return namesAfter(output, /^ [T.][S.][C.]? (\S+) +\S*->\S*/);
}

function namesAfter(output: string, row: RegExp): readonly string[] {
  return output.split(/\r?\n/).flatMap((line) => row.exec(line)?.[1] ?? []);
}
