import { dirname } from 'node:path';
import type { Plan, Step } from '../model/plan.ts';
import type { Toolchain } from '../model/toolchain.ts';
import { evenSampling, takeArgs, thumbnailsOf } from '../plan/thumbnails.ts';

/** Quotes a word for a POSIX shell: nothing inside single quotes is special but the quote itself. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A step's whole command: the same arguments that the engine gives, but for its progress report. A first pass has no
 * output, of which ffmpeg warns where the encoder (VP9's) hands out no packet then.
 */
export function commandOf(toolchain: Toolchain, { args, stage }: Pick<Step, 'args' | 'stage'>): readonly string[] {
  const level = stage === 'first_pass' ? 'error' : 'warning';
  return [toolchain.ffmpeg.path, '-hide_banner', '-nostdin', '-y', '-nostats', '-loglevel', level, ...args];
}

/** The pictures of a plan as a script can take them: evenly spread, for it cannot look at them. */
function thumbnailLines({ thumbnails, product, destination, expectation }: Plan, toolchain: Toolchain, put: Put) {
  if (!thumbnails) return [];
  const { sampling, places } = evenSampling(thumbnails, expectation.video.frames);
  const args = takeArgs(product, sampling, places, thumbnails, thumbnails.filters);
  return [
    '# adapted at run time: thumbnails are chosen by what the film shows; these are taken at even distances.',
    `${commandOf(toolchain, { args, stage: 'optimization' }).map(shellWord).join(' ')} < /dev/null`,
    ...thumbnailsOf(destination, thumbnails).map(({ scratch, path }) => put(scratch, path)),
  ];
}

/** The command that puts a file into place. */
type Put = (from: string, to: string) => string;

/** The commands of a plan, which leave the shell in another folder and a trap set. */
function planLines(plan: Plan, toolchain: Toolchain, overwrite: boolean): readonly string[] {
  const put: Put = (from, to) => `${overwrite ? 'mv -f' : 'ln'} ${shellWord(from)} ${shellWord(to)}`;
  return [
    ...(plan.steps.some(({ observed }) => observed)
      ? ['# adapted at run time: what comes out is weighed, and made again where it does not fit.']
      : []),
    ...(plan.instead
      ? [`# where the device fails sg-export makes it again ${plan.instead.how}; this script ends.`]
      : []),
    `work=$(mktemp -d ${shellWord(`${dirname(plan.destination)}/.sg-export-dry-XXXXXX`)})`,
    'trap \'rm -rf "$work"\' EXIT INT TERM HUP',
    'cd "$work"',
    ...Object.entries(plan.texts).map(([name, text]) => `printf '%s' ${shellWord(text)} > ${shellWord(name)}`),
    ...plan.steps.map((step) => {
      const env = Object.entries(step.env ?? {}).map(([key, value]) => `${key}=${shellWord(value)} `);
      return `${env.join('')}${commandOf(toolchain, step).map(shellWord).join(' ')} < /dev/null`;
    }),
    ...thumbnailLines(plan, toolchain, put),
    put(plan.product, plan.destination),
  ];
}

/** The plan as a shell script: `sh -e` of it makes the same output at the same destination. */
export function dryRunScript(plan: Plan, toolchain: Toolchain, overwrite: boolean): string {
  const lines = [
    '#!/bin/sh',
    '# Made by sg-export --dry-run: the commands of this export. It verifies nothing; sg-export does.',
    'set -eu',
    ...planLines(plan, toolchain, overwrite),
  ];
  return `${lines.join('\n')}\n`;
}

/** One of several exports in a script. */
export interface ScriptedExport {
  readonly label: string;
  readonly plan: Plan;
  readonly toolchain: Toolchain;
  readonly overwrite: boolean;
}

/** A comment: what a name has of line breaks must not end it. */
const comment = (text: string): string => `# ${text.replace(/[\p{Cc}]/gu, ' ')}`;

/**
 * Several plans as one shell script, one after the other, each in a shell of its own. `folders` are made first; `standing`
 * are films and folders that are complete.
 */
export function multiScript(
  exports: readonly ScriptedExport[],
  folders: readonly string[],
  standing: readonly string[],
): string {
  const lines = [
    '#!/bin/sh',
    '# Made by sg-export multi --dry-run: the commands of these exports, one after the other. It verifies nothing.',
    'set -eu',
    ...standing.map((path) => comment(`is complete, and stays: ${path}`)),
    ...folders.map((folder) => `mkdir -p ${shellWord(folder)}`),
    ...exports.flatMap(({ label, plan, toolchain, overwrite }) => [
      comment(label),
      '(',
      ...planLines(plan, toolchain, overwrite),
      ')',
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

/** The parts of a package that are no exports of their own. */
export interface ScriptedPackage {
  readonly label: string;
  readonly scratch: string;
  readonly destination: string;
  readonly steps: readonly Step[];
  readonly toolchain: Toolchain;
  readonly segmentSec: number;
}

/**
 * The same for packages: their renditions whole, in the folder that the package would be. Segments and playlists are
 * written by sg-export itself, and no shell can.
 */
export function packagesScript(exports: string, packages: readonly ScriptedPackage[]): string {
  const lines = packages.flatMap(({ label, scratch, steps, toolchain, segmentSec }) => [
    comment(`${label}: sound, text and thumbnails`),
    ...(steps.length > 0 ? ['(', `cd ${shellWord(scratch)}`] : []),
    ...steps.map((step) => `${commandOf(toolchain, step).map(shellWord).join(' ')} < /dev/null`),
    ...(steps.length > 0 ? [')'] : []),
    `# sg-export cuts these files into segments of ${segmentSec.toFixed(3)} s and writes the playlists; no command of ffmpeg does that.`,
  ]);
  const whole = [exports.trimEnd(), ...lines, ''].join('\n');
  return packages.reduce((text, { scratch, destination }) => text.replaceAll(scratch, destination), whole);
}
