import { dirname } from 'node:path';
import type { Plan } from '../model/plan.ts';
import type { Toolchain } from '../model/toolchain.ts';

/** Quotes a word for a POSIX shell: nothing inside single quotes is special but the quote itself. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A step's whole command: the same arguments that the engine gives, but for its progress report. */
export function commandOf(toolchain: Toolchain, args: readonly string[]): readonly string[] {
  return [toolchain.ffmpeg.path, '-hide_banner', '-nostdin', '-y', '-nostats', '-loglevel', 'warning', ...args];
}

/** The commands of a plan, which leave the shell in another folder and a trap set. */
function planLines(plan: Plan, toolchain: Toolchain, overwrite: boolean): readonly string[] {
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
      return `${env.join('')}${commandOf(toolchain, step.args).map(shellWord).join(' ')} < /dev/null`;
    }),
    overwrite
      ? `mv -f ${shellWord(plan.product)} ${shellWord(plan.destination)}`
      : `ln ${shellWord(plan.product)} ${shellWord(plan.destination)}`,
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

/** Several plans as one shell script, one after the other, each in a shell of its own. `folders` are made first. */
export function multiScript(exports: readonly ScriptedExport[], folders: readonly string[]): string {
  const lines = [
    '#!/bin/sh',
    '# Made by sg-export multi --dry-run: the commands of these exports, one after the other. It verifies nothing.',
    'set -eu',
    ...folders.map((folder) => `mkdir -p ${shellWord(folder)}`),
    ...exports.flatMap(({ label, plan, toolchain, overwrite }) => [
      `# ${label.replace(/[\p{Cc}]/gu, ' ')}`,
      '(',
      ...planLines(plan, toolchain, overwrite),
      ')',
    ]),
  ];
  return `${lines.join('\n')}\n`;
}
