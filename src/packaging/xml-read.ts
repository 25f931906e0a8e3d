/** An element that was read: names without their prefix, attributes with it. */
export interface XmlNode {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlNode[];
  /** Text directly in it, without the blanks around it. */
  readonly text: string;
}

/** Comments, CDATA, processing instructions, declarations and tags, in the order in which they must be tried. */
const TOKEN =
  /<!--.*?-->|<!\[CDATA\[(.*?)\]\]>|<\?.*?\?>|(<!)|<(\/?)([^\s/>"'=<]+)((?:\s+[^\s=/>"'<]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/gs;
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
/** A manifest nests some ten deep; a hostile file may nest without end. */
const MAX_DEPTH = 64;

function unescape(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

interface Open {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlNode[];
  text: string;
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);
const closed = ({ name, attributes, children, text }: Open): XmlNode => ({
  name: localName(name),
  attributes,
  children,
  text: text.trim(),
});

/**
 * The root of a document; a sentence where it is not well-formed. A document type (DOCTYPE), and with it all entities but
 * XML's own, is refused: a manifest needs none, and entities have served attacks.
 */
export function readXml(source: string): XmlNode | string {
  const text = source.replace(/^\uFEFF/, '');
  const stack: Open[] = [{ name: '', attributes: new Map(), children: [], text: '' }];
  let at = 0;
  for (const token of text.matchAll(TOKEN)) {
    const top = stack.at(-1);
    if (!top) return 'it closes more elements than it opens';
    const between = text.slice(at, token.index);
    if (between.includes('<')) return `what stands at character ${at + between.indexOf('<')} is no tag`;
    top.text += unescape(between);
    at = token.index + token[0].length;
    const [, cdata, declaration, slash, name, attributes = '', empty] = token;
    if (declaration !== undefined) return 'it has a document type declaration';
    if (cdata !== undefined) top.text += cdata;
    if (name === undefined) continue;
    const fault = slash ? close(stack, name) : open(stack, name, attributes, empty === '/');
    if (fault !== undefined) return fault;
  }
  if (text.slice(at).trim() !== '' || stack.length !== 1) return 'it ends before its elements do';
  const [root, ...others] = stack[0]?.children ?? [];
  return root && others.length === 0 ? root : 'it has not exactly one root element';
}

function open(stack: Open[], name: string, attributes: string, empty: boolean): string | undefined {
  if (stack.length > MAX_DEPTH) return `it nests deeper than ${MAX_DEPTH} elements`;
  const found = [...attributes.matchAll(ATTRIBUTE)].map(
    ([, key = '', double, single]) => [key, unescape(double ?? single ?? '')] as const,
  );
  stack.push({ name, attributes: new Map(found), children: [], text: '' });
  return empty ? close(stack, name) : undefined;
}

function close(stack: Open[], name: string): string | undefined {
  const top = stack.pop();
  const parent = stack.at(-1);
  if (!top || !parent || top.name !== name) return `</${name}> closes what is not open`;
  parent.children.push(closed(top));
  return undefined;
}
