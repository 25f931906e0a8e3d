import { readdir } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

/** Whether a word is meant for many files, as a shell that did not expand it left it. */
export const isPattern = (text: string): boolean => /[*?[]/.test(text);

/** A part of a path with `*`, `?` and `[…]`, as an expression. */
function expressionOf(part: string): RegExp | undefined {
  const body = part.replace(/\[!?[^\]]+\]|[*?]|[.+^${}()|\\[\]]/g, (found) => {
    if (found === '*') return '.*';
    if (found === '?') return '.';
    if (found.length > 1) return found.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    return `\\${found}`;
  });
  try {
    return new RegExp(`^${body}$`, 'su');
  } catch {
    // A range from a later letter to an earlier one: no name is in it.
    return undefined;
  }
}

/** Names in a folder, sorted as people count: take 2 before take 10. Nothing where it cannot be read. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/**
 * The paths that a pattern stands for, as they would have been typed, relative to `folder` where the pattern is.
 * Hidden names only where the pattern says the dot. `**` is nothing special.
 */
export async function expandPattern(pattern: string, folder: string): Promise<readonly string[]> {
  const parts = pattern.split('/').filter((part) => part !== '');
  let found: readonly string[] = [isAbsolute(pattern) ? '/' : ''];
  for (const part of parts) {
    const next: string[] = [];
    for (const base of found) {
      if (!isPattern(part)) {
        next.push(join(base, part));
        continue;
      }
      const expression = expressionOf(part);
      const names = await namesIn(isAbsolute(base) ? base : join(folder, base));
      for (const name of names) {
        if ((part.startsWith('.') || !name.startsWith('.')) && expression?.test(name)) next.push(join(base, name));
      }
    }
    found = next;
  }
  return found;
}
