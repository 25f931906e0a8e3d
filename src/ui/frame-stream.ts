import { Writable } from 'node:stream';
import { columnsOf } from './columns.ts';
import type { Output } from './listener.ts';
import { type QuietPipe, quietPipe } from './quiet-pipe.ts';

/**
 * Stands between the bars and the terminal: collects a frame and writes it at once, so that no half-drawn frame is
 * seen, and knows what is drawn, so that it can be taken away whatever the terminal's size is by then.
 */
export class FrameStream extends Writable {
  readonly isTTY = true;
  readonly #output: Output;
  readonly #pipe: QuietPipe;
  #frame = '';
  #drawn: readonly string[] = [];
  #muted = false;

  constructor(output: Output) {
    super({ decodeStrings: false });
    this.#output = output;
    this.#pipe = quietPipe(output);
  }

  get columns(): number {
    return this.#output.columns || 80;
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    if (!this.#muted) this.#frame += String(chunk);
    done();
  }

  /** Writes the frame; `lines` are what the cursor now stands at the end of. */
  show(lines: readonly string[]): void {
    this.#drawn = lines;
    this.flush();
  }

  flush(): void {
    if (this.#frame !== '') this.#pipe.write(this.#frame);
    this.#frame = '';
  }

  /** Takes away what is drawn. A terminal that became narrower has broken its lines into several rows. */
  erase(): void {
    if (this.#drawn.length === 0) return;
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(columnsOf(line) / this.columns)), 0);
    const up = Math.min(rows, this.#output.rows || 24) - 1;
    this.#frame += `${up > 0 ? `\u001b[${up}A` : ''}\r\u001b[J`;
    this.#drawn = [];
  }

  /** Runs `work` while nothing that it writes is taken. */
  muted(work: () => void): void {
    this.#muted = true;
    work();
    this.#muted = false;
  }

  override _final(done: () => void): void {
    this.flush();
    this.#pipe.close();
    done();
  }
}
