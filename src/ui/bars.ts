import cliProgress from 'cli-progress';
import wrapAnsi from 'wrap-ansi';
import type { RunEvent } from '../model/events.ts';
import { barLines } from './bar-lines.ts';
import type { Colour } from './colour.ts';
import { shorten, shortenName } from './columns.ts';
import { type Fit, finishedLines } from './finished.ts';
import { FrameStream } from './frame-stream.ts';
import type { NamedExport, Output, RunListener } from './listener.ts';
import { ProgressBoard, type Running } from './progress-board.ts';

const REDRAWS_PER_SEC = 8;

/**
 * One bar for each export that runs, and below them a line for the whole where there are several. Exports that are
 * over scroll up as one line. The terminal may be resized and be smaller than the number of exports; `close` clears
 * the bars and brings the cursor back, and so does the end of the process.
 */
export function barsListener(output: Output, exports: readonly NamedExport[], colour: Colour): RunListener {
  const screen = new BarScreen(output, new ProgressBoard(exports), colour);
  return {
    event: (event) => screen.event(event),
    done(result) {
      screen.board.done(result);
      // Why a single export failed is told by the command, at length.
      if (exports.length > 1 || result.status === 'completed') {
        for (const line of finishedLines(result, screen.board.label(result.export_id), colour, fitTo(screen.columns))) {
          screen.log(line);
        }
      }
    },
    close: () => screen.close(),
  };
}

/** No line is wider than `columns`. */
function fitTo(columns: number): Fit {
  return {
    line: (text) => shorten(text, columns),
    name: (name, others) => shortenName(name, Math.max(8, columns - others)),
    wrap: (text, indent) => wrapAnsi(text, columns - indent, { hard: true }),
  };
}

class BarScreen {
  readonly board: ProgressBoard;
  readonly #output: Output;
  readonly #colour: Colour;
  readonly #frames: FrameStream;
  readonly #startedMs = Date.now();
  readonly #logged: string[] = [];
  #bars: cliProgress.MultiBar | undefined;
  #lines: readonly string[] = [];
  #lineCount = 0;
  #closed = false;

  constructor(output: Output, board: ProgressBoard, colour: Colour) {
    this.#output = output;
    this.board = board;
    this.#colour = colour;
    this.#frames = new FrameStream(output);
    output.on('resize', this.#onResize);
    process.once('exit', this.close);
  }

  /** One less than the terminal has: some wrap when the last one is written. */
  get columns(): number {
    return Math.max(20, (this.#output.columns || 80) - 1);
  }

  event(event: RunEvent): void {
    if (this.#closed) return;
    if (event.type === 'warning') {
      const text = `warning: ${this.board.warningText(event)}`;
      for (const line of wrapAnsi(text, this.columns, { hard: true }).split('\n')) this.log(this.#colour.yellow(line));
    } else {
      this.board.progress(event);
      this.#fitBars();
    }
  }

  log(text: string): void {
    if (this.#closed) return;
    this.#logged.push(text);
    this.#fitBars();
  }

  close = (): void => {
    if (this.#closed) return;
    this.#closed = true;
    this.#output.off('resize', this.#onResize);
    process.removeListener('exit', this.close);
    // The update writes what was logged since the last frame; stop takes the bars away and shows the cursor.
    this.#bars?.update();
    this.#bars?.stop();
    this.#frames.end();
  };

  #onResize = (): void => {
    this.#discardBars();
    this.#fitBars();
  };

  /** What there is to show: as many running exports as there are lines for, then the whole. */
  #shown(): readonly Running[] {
    const running = this.board.running();
    if (this.board.count <= 1) return running;
    const room = Math.max(1, (this.#output.rows || 24) - 2);
    return [...running.slice(0, room), this.#total(running.length - room)];
  }

  #total(hidden: number): Running {
    const progress = this.board.totalProgress();
    const elapsedSec = (Date.now() - this.#startedMs) / 1000;
    return {
      label: `${this.board.overCount}/${this.board.count} done${hidden > 0 ? `, ${hidden} more` : ''}`,
      progress,
      fps: null,
      speed: null,
      etaSec: progress >= 1 ? (elapsedSec * (100 - progress)) / progress : null,
      bytes: null,
    };
  }

  /** A MultiBar keeps its number of lines for life: another number needs another MultiBar. */
  #fitBars(): void {
    const count = Math.max(1, this.#shown().length);
    if (this.#bars && count === this.#lineCount) return;
    this.#discardBars();
    this.#lineCount = count;
    this.#bars = this.#createBars(count);
  }

  #createBars(count: number): cliProgress.MultiBar {
    const bars = new cliProgress.MultiBar({
      stream: this.#frames,
      fps: REDRAWS_PER_SEC,
      hideCursor: true,
      clearOnComplete: true,
      linewrap: false,
      gracefulExit: false,
      forceRedraw: true,
      format: (_options, _params, payload: { readonly line: number }) => this.#lines[payload.line] ?? '',
    });
    bars.on('update-pre', () => {
      this.#lines = barLines(this.#shown(), this.columns, this.#colour);
      for (const text of this.#logged.splice(0)) bars.log(`${text}\u001b[K\n`);
    });
    bars.on('redraw-post', () => this.#frames.show(this.#lines));
    for (let line = 0; line < count; line += 1) bars.create(100, 0, { line });
    return bars;
  }

  #discardBars(): void {
    if (!this.#bars) return;
    this.#frames.muted(() => this.#bars?.stop());
    this.#frames.erase();
    this.#bars = undefined;
  }
}
