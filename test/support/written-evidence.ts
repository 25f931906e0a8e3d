import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Replaces one `## ` section of a page of evidence, so that a part can be measured again by itself. */
export function writeSection(page: URL, intro: string, title: string, lines: readonly string[]): void {
  const known = existsSync(page) ? readFileSync(page, 'utf8') : '';
  const others = known.split(/^(?=## )/m).filter((part) => part.startsWith('## ') && !part.startsWith(`## ${title}\n`));
  const section = `## ${title}\n\nMeasured ${new Date().toISOString().slice(0, 10)}, ${version()}.\n\n${lines.join('\n')}\n`;
  const parts = [...others.map((part) => `${part.trimEnd()}\n`), section].sort();
  writeFileSync(page, [`${intro.trimEnd()}\n`, ...parts].join('\n'));
}

/** `ffmpeg version …`, without its copyright line. */
export const version = (): string =>
  execFileSync('ffmpeg', ['-version'], { encoding: 'utf8' })
    .split('\n', 1)
    .join('')
    .replace(/ Copyright.*/, '');

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): readonly string[] {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
