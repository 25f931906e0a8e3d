import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut: a program that never ends its line must not fill the memory. */
const MAX_LINE = 8192;

/** Splits a byte stream into lines at `\n` and `\r`, whatever the chunks; empty lines are left out. */
export function lineSplitter(onLine: (line: string) => void): { push(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string): void => {
    const parts = text.split(/[\r\n]/);
    parts[0] = rest + (parts[0] ?? '');
    rest = (parts.pop() ?? '').slice(0, MAX_LINE);
    for (const part of parts) {
      if (part !== '') onLine(part.slice(0, MAX_LINE));
    }
  };
  return {
    push: (chunk) => take(decoder.write(chunk)),
    end: () => {
      take(`${decoder.end()}\n`);
    },
  };
}

/** Keeps the last lines of a flood, repeats folded into one, so that memory stays small. */
export function lineTail(limit = 400): { add(line: string): void; lines(): readonly string[] } {
  let kept: string[] = [];
  let repeats = 0;
  const fold = (): void => {
    if (repeats > 0) kept.push(`(the line above came ${repeats} more time${repeats === 1 ? '' : 's'})`);
    repeats = 0;
  };
  return {
    add: (line) => {
      if (line === kept.at(-1)) {
        repeats++;
        return;
      }
      fold();
      kept.push(line);
      // Cut now and then, not at every line: a flood has millions.
      if (kept.length > limit * 2) kept = kept.slice(-limit);
    },
    lines: () => {
      fold();
      return kept.slice(-limit);
    },
  };
}
