/** An element to be written: attributes in their order, undefined ones left out. */
export interface Element {
  readonly name: string;
  readonly attributes: readonly (readonly [name: string, value: string | number | undefined])[];
  readonly children: readonly Element[];
  readonly text?: string | undefined;
}

export function element(
  name: string,
  attributes: Element['attributes'],
  children: readonly (Element | undefined)[] = [],
): Element {
  return { name, attributes, children: children.filter((child) => child !== undefined) };
}

export const textElement = (name: string, text: string): Element => ({ name, attributes: [], children: [], text });

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign);

function lines(node: Element, indent: string): readonly string[] {
  const attributes = node.attributes
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`);
  const open = `${indent}<${node.name}${attributes.join('')}`;
  if (node.text !== undefined) return [`${open}>${escaped(node.text)}</${node.name}>`];
  if (node.children.length === 0) return [`${open}/>`];
  return [`${open}>`, ...node.children.flatMap((child) => lines(child, `${indent}  `)), `${indent}</${node.name}>`];
}

/** A whole document, indented by two spaces. */
export function xmlText(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${lines(root, '').join('\n')}\n`;
}
