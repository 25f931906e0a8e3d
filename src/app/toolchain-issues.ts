import type { Issue } from '../model/errors.ts';
import type { Step } from '../model/plan.ts';
import type { Toolchain } from '../model/toolchain.ts';

const CODEC_FLAG = /^-c(odec)?(:[vas].*)?$/;
const FILTER_FLAG = /^-(filter(:.*)?|filter_complex|vf|af|lavfi)$/;

/** Names of the filters in a chain that sg-export wrote: quoted values may hold anything. */
function filtersIn(chain: string): readonly string[] {
  const plain = chain.replace(/'[^']*'|\\./g, '');
  return plain.split(/[,;]/).flatMap((part) => /^\s*(?:\[[^\]]*\]\s*)*([a-z0-9_]+)/.exec(part)?.[1] ?? []);
}

/** What steps ask of their ffmpeg that this one does not list: known before they start, and no encode is wasted on it. */
export function toolchainIssues(
  { steps }: { readonly steps: readonly Pick<Step, 'args'>[] },
  { ffmpeg, encoders, filters }: Toolchain,
): readonly Issue[] {
  const args = steps.flatMap((step) => step.args.map((arg, i) => [step.args[i - 1] ?? '', arg] as const));
  const named = (flag: RegExp, read: (value: string) => readonly string[]): readonly string[] => [
    ...new Set(args.filter(([before]) => flag.test(before)).flatMap(([, value]) => read(value))),
  ];
  const lacking = (kind: string, names: readonly string[], listed: readonly string[]): readonly Issue[] =>
    names
      .filter((name) => !listed.includes(name))
      .map((name) => ({
        severity: 'error',
        code: `${kind}_missing`,
        message: `this ffmpeg (${ffmpeg.path}) lacks the ${kind} ${name}`,
        path: '--ffmpeg',
        hint: 'install a complete ffmpeg, or name one with --ffmpeg FILE; `sg-export doctor` shows what there is',
        exit: 'TOOLCHAIN',
      }));
  return [
    ...lacking(
      'encoder',
      named(CODEC_FLAG, (value) => (value === 'copy' ? [] : [value])),
      encoders,
    ),
    ...lacking('filter', named(FILTER_FLAG, filtersIn), filters),
  ];
}
