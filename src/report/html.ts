/** A piece of a page that is safe to write: only `html` makes it. */
export interface Markup {
  readonly markup: string;
}

type Part = string | number | Markup | undefined | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Control characters and those that turn the direction of writing could make a name read like another. */
const TRICKS = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

const escaped = (text: string): string =>
  text.replace(TRICKS, '\ufffd').replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);

function written(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(written).join('');
}

/** Writes markup. What is put into it is text, whatever it holds, unless it is markup itself: names and metadata come from files. */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: template.reduce((page, text, n) => page + written(parts[n - 1]) + text) };
}
