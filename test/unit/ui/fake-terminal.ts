import { EventEmitter } from 'node:events';
import stringWidth from 'string-width';
import type { Output } from '../../../src/ui/listener.ts';

const WIDE_TAIL = '\0';

/** A stream that keeps what is written to it, and, as a terminal, the screen that a person would see. */
export class FakeTerminal extends EventEmitter implements Output {
  written = '';
  readonly writes: string[] = [];
  columns: number;
  rows: number;
  isTTY: boolean;
  cursorShown = true;
  wraps = true;
  #screen: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor({ columns = 80, rows = 24, isTTY = true } = {}) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.isTTY = isTTY;
  }

  write(text: string): boolean {
    this.written += text;
    this.writes.push(text);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what a terminal reads
    for (const part of text.matchAll(/\u001b\[(\??)(\d*)([A-Za-z])|([^\u001b]+)/gu)) {
      const [, mode, digits, command, plain] = part;
      if (plain !== undefined) this.#type(plain);
      else if (mode === '?') this.#setMode(Number(digits), command === 'h');
      else this.#control(command ?? '', Number(digits || 0));
    }
    return true;
  }

  /** The lines as a person sees them, from the first one ever written. */
  get lines(): readonly string[] {
    return this.#screen.map((line) => line.join('').replaceAll(WIDE_TAIL, '').trimEnd());
  }

  /** Lines with something on them. */
  get shown(): readonly string[] {
    return this.lines.filter((line) => line !== '');
  }

  #type(text: string): void {
    for (const { segment } of new Intl.Segmenter().segment(text)) {
      if (segment === '\n') this.#newline();
      else if (segment === '\r') this.#column = 0;
      else this.#put(segment);
    }
  }

  #newline(): void {
    this.#row += 1;
    this.#column = 0;
    while (this.#screen.length <= this.#row) this.#screen.push([]);
  }

  #put(char: string): void {
    const width = stringWidth(char);
    if (this.#column + width > this.columns) {
      if (!this.wraps) return;
      this.#newline();
    }
    const line = this.#screen[this.#row] ?? [];
    while (line.length < this.#column) line.push(' ');
    line[this.#column] = char;
    if (width === 2) line[this.#column + 1] = WIDE_TAIL;
    this.#column += width;
  }

  #setMode(mode: number, on: boolean): void {
    if (mode === 25) this.cursorShown = on;
    else if (mode === 7) this.wraps = on;
    else throw new Error(`the fake terminal does not know mode ${mode}`);
  }

  #control(command: string, count: number): void {
    if (command === 'A') {
      const highest = Math.max(0, this.#screen.length - this.rows);
      this.#row = Math.max(highest, this.#row - Math.max(1, count));
    } else if (command === 'G') this.#column = Math.max(1, count) - 1;
    else if (command === 'K' && count === 2) this.#screen[this.#row] = [];
    else if (command === 'K') this.#screen[this.#row]?.splice(this.#column);
    else if (command === 'J') {
      this.#screen[this.#row]?.splice(this.#column);
      this.#screen.splice(this.#row + 1);
    } else if (command !== 'm') throw new Error(`the fake terminal does not know CSI ${command}`);
  }
}
