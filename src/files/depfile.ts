import { SgError } from '../model/errors.ts';

/**
 * A Makefile rule `target: prerequisites`, each name escaped for GNU make. make reads no newline in a name:
 * SgError USAGE. Spaces, tabs, colons, hashes, dollars, wildcards, `%`, `;`, `=` and backslashes are all right.
 */
export function depfileRule(target: string, prerequisites: readonly string[]): string {
  const names = prerequisites.map((name) => escapeName(name, false));
  return `${[`${escapeName(target, true)}:`, ...names].join(' ')}\n`;
}

function escapeName(name: string, isTarget: boolean): string {
  if (/[\r\n\0]/.test(name)) {
    throw new SgError('USAGE', `a name with a line break cannot stand in a depfile: ${JSON.stringify(name)}`, {
      hint: 'Rename the file, or leave out --depfile.',
    });
  }
  let text = '';
  for (let i = 0; i < name.length; i++) {
    text += escapeAt(name, i, isTarget);
  }
  return text;
}

function escapeAt(name: string, i: number, isTarget: boolean): string {
  const char = name.charAt(i);
  if (char === '$') return '$$';
  // An equals sign makes the line an assignment, and make has no escape for it: this expands to one.
  if (char === '=') return '$(if ,,=)';
  if (char === '%') return isTarget ? '\\%' : '%';
  if (/[ \t#:*?[\];|&~]/.test(char)) return `\\${char}`;
  if (char !== '\\') return char;
  // Backslashes only count where they stand before something that a backslash escapes.
  const after = /^\\*(.?)/s.exec(name.slice(i))?.[1] ?? '';
  return after === '' || /[ \t#:*?[\];|&~%]/.test(after) ? '\\\\' : '\\';
}
