import { SgError } from '../model/errors.ts';

/**
 * A Makefile rule `target: prerequisites`, each name escaped for GNU make; tried against the real one. make has
 * no way to write a line break, a tab in a target, or a prerequisite that ends in a backslash: SgError USAGE.
 */
export function depfileRule(target: string, prerequisites: readonly string[]): string {
  refuse(target, /[\r\n\t\0]/);
  for (const name of prerequisites) refuse(name, /[\r\n\0]|\\$/);
  return `${[`${escapeName(target, true)}:`, ...prerequisites.map((name) => escapeName(name, false))].join(' ')}\n`;
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
