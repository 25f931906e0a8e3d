/** Where and why a text is no JSON; `line` counts from 1. */
export interface Fault {
  readonly line: number | undefined;
  readonly reason: string;
}

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or ]' | ', or }' | 'end of the file';

const SPACE = /[ \t\r\n]*/y;
const TOKEN =
  /[{}[\],:]|"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[\da-f]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/iuy;

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/**
 * Finds the first fault of a text that `JSON.parse` refused: its own messages name a position in some cases only, and
 * differ from one Node to the next.
 */
export function findJsonFault(text: string): Fault {
  const open: string[] = [];
  let expected: Expected = 'value';
  for (let at = 0; ; ) {
    at += match(SPACE, text, at)?.length ?? 0;
    const token = match(TOKEN, text, at);
    const next: Expected | undefined = token === undefined ? undefined : step(token, expected, open);
    if (token === undefined || next === undefined) return faultAt(text, at, expected);
    expected = next;
    at += token.length;
  }
}

/** What may follow the token, or undefined where the token itself may not stand. */
function step(token: string, expected: Expected, open: string[]): Expected | undefined {
  const afterValue = (): Expected => {
    const outer = open.at(-1);
    return outer === undefined ? 'end of the file' : outer === '{' ? ', or }' : ', or ]';
  };
  if (token === ']' || token === '}') {
    if (!expected.endsWith(`or ${token}`)) return undefined;
    open.pop();
    return afterValue();
  }
  if (token === ':') return expected === ':' ? 'value' : undefined;
  if (token === ',') return expected === ', or }' ? 'key' : expected === ', or ]' ? 'value' : undefined;
  if (expected.startsWith('key')) return token.startsWith('"') ? ':' : undefined;
  if (!expected.startsWith('value')) return undefined;
  if (token !== '{' && token !== '[') return afterValue();
  open.push(token);
  return token === '{' ? 'key or }' : 'value or ]';
}

function faultAt(text: string, at: number, expected: Expected): Fault {
  const line = text.slice(0, at).trimEnd().split('\n').length;
  if (at >= text.length) return { line, reason: `the text ends where ${expected} should follow` };
  const found = /^\S{1,20}/u.exec(text.slice(at))?.[0] ?? text.charAt(at);
  return { line: text.slice(0, at).split('\n').length, reason: `${expected} should stand in place of ${found}` };
}

/** The first key that an object of a valid text has twice: `JSON.parse` takes the last one and says nothing. */
export function findJsonRepeat(text: string): Fault | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; ; ) {
    at += match(SPACE, text, at)?.length ?? 0;
    const token = match(TOKEN, text, at);
    if (token === undefined) return undefined;
    const end = at + token.length;
    const keys = open.at(-1);
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (keys && token.startsWith('"') && text.charAt(end + (match(SPACE, text, end)?.length ?? 0)) === ':') {
      const key: unknown = JSON.parse(token);
      if (keys.has(String(key)))
        return { line: text.slice(0, at).split('\n').length, reason: `duplicated key ${token}` };
      keys.add(String(key));
    }
    at = end;
  }
}
