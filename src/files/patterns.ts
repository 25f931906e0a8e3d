import { lstat, readdir } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { SgError } from '../model/errors.ts';

/** Whether a word is meant for many files, as a shell that did not expand it left it. */
export const isPattern = (text: string): boolean => /[*?[]/.test(text);

/** POSIX's classes of characters, which stand in brackets: `[[:digit:]_]`. */
const CLASSES: Readonly<Record<string, string>> = {
  alpha: '\\p{L}',
  digit: '0-9',
  alnum: '\\p{L}\\p{N}',
  upper: '\\p{Lu}',
  lower: '\\p{Ll}',
  space: '\\s',
  blank: ' \\t',
  punct: '\\p{P}\\p{S}',
  xdigit: '0-9A-Fa-f',
};

function unknownClass(found: string): SgError {
  const known = Object.keys(CLASSES).map((name) => `[:${name}:]`);
  return new SgError('USAGE', `the pattern holds ${found}, which is no class of characters`, {
    hint: `use one of ${known.join(' ')} inside brackets, such as take[[:digit:]].mov`,
  });
}

/** What stands in brackets, as an expression. Throws SgError USAGE for a class that there is not. */
function bracketOf(found: string): string {
  const [, not = '', body = ''] = /^\[([!^]?)(.*)\]$/s.exec(found) ?? [];
  // An escape for each character that would mean something in an expression; a range keeps its dash.
  const inside = body.replace(/\[([:=.])([^\]]*?)\1\]|[\\\][^|]/g, (part, kind?: string, name?: string) => {
    if (kind === undefined) return `\\${part}`;
    const known = kind === ':' ? CLASSES[name ?? ''] : undefined;
    if (known === undefined) throw unknownClass(part);
    return known;
  });
  return `[${not && '^'}${inside}]`;
}

/** A part of a path with `*`, `?` and `[…]`, as an expression. */
function expressionOf(part: string): RegExp | undefined {
  const body = part.replace(/\[[!^]?\]?(?:\[([:=.])[^\]]*?\1\]|[^\]])*\]|[*?]|[.+^${}()|\\[\]]/g, (found) => {
    if (found === '*') return '.*';
    if (found === '?') return '.';
    return found.length > 1 ? bracketOf(found) : `\\${found}`;
  });
  try {
    return new RegExp(`^${body}$`, 'su');
  } catch {
    // A range from a later letter to an earlier one: no name is in it.
    return undefined;
  }
}

/** What is in a folder, sorted as people count: take 2 before take 10. Nothing where it cannot be read. */
async function entriesIn(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/** A folder and all below it, but for hidden ones and links, which may lead in a circle. */
async function foldersFrom(base: string, at: (path: string) => string): Promise<readonly string[]> {
  const found = [base];
  for (const entry of await entriesIn(at(base))) {
    if (entry.isDirectory() && !entry.name.startsWith('.'))
      found.push(...(await foldersFrom(join(base, entry.name), at)));
  }
  return found;
}

/** What one part of a pattern makes of a folder: the paths in it that the part names. */
async function namedIn(base: string, part: string, at: (path: string) => string): Promise<readonly string[]> {
  const path = join(base, part);
  if (!isPattern(part)) return (await lstat(at(path)).catch(() => undefined)) ? [path] : [];
  const expression = expressionOf(part);
  return (await entriesIn(at(base)))
    .filter(({ name }) => (part.startsWith('.') || !name.startsWith('.')) && expression?.test(name))
    .map(({ name }) => join(base, name));
}

/**
 * The paths that a pattern stands for, as they would have been typed, relative to `folder` where the pattern is.
 * Hidden names only where the pattern says the dot. A part that is `**` stands for any folders, or none; at the end,
 * for all that is in them. Throws SgError USAGE for a class of characters that there is not.
 */
export async function expandPattern(pattern: string, folder: string): Promise<readonly string[]> {
  const typed = pattern.split('/').filter((part) => part !== '');
  const parts = typed.at(-1) === '**' ? [...typed, '*'] : typed;
  const at = (path: string): string => (isAbsolute(path) ? path : join(folder, path));
  let found: readonly string[] = [isAbsolute(pattern) ? '/' : ''];
  for (const part of parts) {
    const next: string[] = [];
    for (const base of found) next.push(...(await (part === '**' ? foldersFrom(base, at) : namedIn(base, part, at))));
    found = [...new Set(next)];
  }
  return found;
}
