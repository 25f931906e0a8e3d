import stringWidth from 'string-width';

const ELLIPSIS = '…';
const SEGMENTS = new Intl.Segmenter();

/** Terminal columns that a text takes: wide for CJK and emoji, nothing for colours. */
export const columnsOf = (text: string): number => stringWidth(text);

/** Cuts a text without colours to so many columns, between characters as people see them; the cut shows as `…`. */
export function shorten(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  if (columns <= 0) return '';
  let kept = '';
  let used = 0;
  for (const { segment } of SEGMENTS.segment(text)) {
    const next = used + columnsOf(segment);
    if (next > columns - 1) break;
    kept += segment;
    used = next;
  }
  return kept + ELLIPSIS;
}

/** The end of a text, of at most so many columns, from between characters as people see them. */
function endOf(text: string, columns: number): string {
  let kept = '';
  let used = 0;
  for (const { segment } of [...SEGMENTS.segment(text)].reverse()) {
    used += columnsOf(segment);
    if (used > columns) break;
    kept = segment + kept;
  }
  return kept;
}

/** Cuts a name after its first third: outputs of one source differ at their ends. */
export function shortenName(name: string, columns: number): string {
  if (columnsOf(name) <= columns) return name;
  const end = endOf(name, Math.floor(((columns - 1) * 2) / 3));
  return shorten(name, columns - columnsOf(end)) + end;
}

/** Fills up with spaces to so many columns; a longer text stays as it is. */
export function pad(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, columns - columnsOf(text)));
  return align === 'left' ? text + space : space + text;
}
