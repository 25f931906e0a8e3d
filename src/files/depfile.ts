import { SgError } from '../model/errors.ts';

const NO_TARGET = /[\r\n\t\0]/;
/** make 4.3 loses its way in a rule whose target has a semicolon and that has nothing after its colon. */
const NO_EMPTY_RULE = /[\t;]/;
const NO_PREREQUISITE = /[\r\n\0]|\\$/;

/**
 * A Makefile rule `targets: prerequisites`, each name escaped for GNU make; tried against the real one. An empty rule
 * for each prerequisite follows, as `gcc -MP` writes it: one that was removed or renamed since then makes the target
 * again, in place of an end with "No rule to make target". make has no way to write a line break, a tab in a target,
 * or a prerequisite that ends in a backslash: SgError USAGE.
 */
export function depfileRule(targets: string | readonly string[], prerequisites: readonly string[]): string {
  const made = [targets].flat();
  for (const target of made) refuse(target, NO_TARGET);
  for (const name of prerequisites) refuse(name, NO_PREREQUISITE);
  const names = [...new Set(prerequisites)];
  const rule = [
    `${made.map((name) => escapeName(name, true)).join(' ')}:`,
    ...names.map((name) => escapeName(name, false)),
  ].join(' ');
  const empty = names.filter((name) => !NO_EMPTY_RULE.test(name)).map((name) => `${escapeName(name, true)}:`);
  return [rule, ...empty, ''].join('\n');
}

function refuse(name: string, impossible: RegExp): void {
  if (!impossible.test(name)) return;
  throw new SgError('USAGE', `make cannot read this name in a depfile: ${JSON.stringify(name)}`, {
    hint: 'Rename the file, or leave out --depfile.',
  });
}

function escapeName(name: string, isTarget: boolean): string {
  let text = /^~|^[|&]$/.test(name) ? './' : '';
  for (let i = 0; i < name.length; i++) text += escapeAt(name, i, isTarget);
  return text;
}

function escapeAt(name: string, i: number, isTarget: boolean): string {
  const char = name.charAt(i);
  if (char === '$') return '$$';
  // `a=b:` is an assignment and `a&:` a grouped target, and a backslash does not help: these expand to them.
  if (char === '=' || (char === '&' && isTarget)) return `$(if ,,${char})`;
  if (char === '%') return isTarget ? '\\%' : '%';
  if (char === '|') return isTarget ? '|' : '\\|';
  if (/[ \t#:*?[\];]/.test(char)) return `\\${char}`;
  if (char !== '\\') return char;
  // Backslashes only count where they stand before something that a backslash escapes.
  const after = /^\\*(.?)/s.exec(name.slice(i))?.[1] ?? '';
  return after === '' || /[ \t#:*?[\];%]/.test(after) ? '\\\\' : '\\';
}
