import type { ExportResult, MultiResult, RunEvent } from '../model/events.ts';
import type { Output } from './listener.ts';
import { ndjsonListener } from './ndjson.ts';
import { ProgressBoard } from './progress-board.ts';

/** An export of a run, as the first line names it. */
export interface AnnouncedExport {
  readonly export_id: string;
  readonly label: string;
  readonly source: string;
  readonly output_file: string;
}

const LINES_PER_SEC = 10;
const TOTAL_EVERY_MS = 500;

/**
 * Several exports as NDJSON: `multi_started` names them, `progress` is about one, `multi_progress` about all (the mean),
 * `export_result` is the last word on one, and `result` the last line.
 */
export class MultiNdjson {
  readonly #id: string;
  readonly #board: ProgressBoard;
  readonly #listener: ReturnType<typeof ndjsonListener>;
  readonly #startedMs = Date.now();
  #toldMs = 0;

  constructor(output: Output, multiId: string, exports: readonly AnnouncedExport[], parallel: number) {
    this.#id = multiId;
    this.#board = new ProgressBoard(exports);
    const lanes = Math.max(1, Math.min(parallel, exports.length));
    this.#listener = ndjsonListener(output, (lanes * 1000) / LINES_PER_SEC);
    this.#listener.other({ type: 'multi_started', multi_id: multiId, exports } as { readonly type: string });
  }

  event(event: RunEvent): void {
    this.#listener.event(event);
    if (event.type !== 'progress') return;
    this.#board.progress(event);
    if (Date.now() - this.#toldMs >= TOTAL_EVERY_MS) this.#tellTotal();
  }

  done(result: ExportResult): void {
    this.#board.done(result);
    this.#listener.done(result);
    const line = { ...result, type: 'export_result' };
    this.#listener.other(line);
    this.#tellTotal();
  }

  result(result: MultiResult): void {
    this.#listener.result(result);
    this.#listener.close();
  }

  #tellTotal(): void {
    this.#toldMs = Date.now();
    const progress = this.#board.totalProgress();
    const elapsedSec = (this.#toldMs - this.#startedMs) / 1000;
    const left = progress >= 1 ? Math.round((elapsedSec * (100 - progress)) / progress) : null;
    const line = {
      type: 'multi_progress',
      multi_id: this.#id,
      progress,
      finished: this.#board.overCount,
      count: this.#board.count,
      estimated_time: left,
    };
    this.#listener.other(line);
  }
}
