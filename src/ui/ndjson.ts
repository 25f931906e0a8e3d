import type { ProgressEvent, RunEvent } from '../model/events.ts';
import type { Output, RunListener } from './listener.ts';
import { ProgressBoard } from './progress-board.ts';
import { quietPipe } from './quiet-pipe.ts';

const LEAST_GAP_MS = 100;

export interface NdjsonListener extends RunListener {
  /** Writes the last line of the run: an export's or a multi's result. Nothing is written after it. */
  result(line: { readonly type: 'result' }): void;
  /** Writes a line of a type of its own. */
  other(line: { readonly type: string }): void;
}

interface Throttle {
  lastMs: number;
  pending: ProgressEvent | undefined;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Writes a run as NDJSON, one object a line. Progress comes at most ten times a second for each export, never falls,
 * and is below 100; the last of a burst is not lost. Where several run, `gapMs` keeps them together to that. The command writes the result with `result`, on success and on
 * failure alike. A reader that goes away is no error.
 */
export function ndjsonListener(output: Output, gapMs = LEAST_GAP_MS): NdjsonListener {
  const pipe = quietPipe(output);
  const board = new ProgressBoard([]);
  const throttles = new Map<string, Throttle>();
  let over = false;

  const writeLine = (line: object): void => {
    if (!over) pipe.write(`${JSON.stringify(line)}\n`);
  };
  const flush = (throttle: Throttle): void => {
    clearTimeout(throttle.timer);
    throttle.timer = undefined;
    if (!throttle.pending) return;
    throttle.lastMs = Date.now();
    const line = throttle.pending;
    throttle.pending = undefined;
    writeLine(line);
  };
  const flushAll = (): void => {
    for (const throttle of throttles.values()) flush(throttle);
  };
  const onProgress = (event: ProgressEvent): void => {
    const throttle = throttles.get(event.export_id) ?? { lastMs: 0, pending: undefined, timer: undefined };
    throttles.set(event.export_id, throttle);
    throttle.pending = board.progress(event);
    const waitMs = throttle.lastMs + gapMs - Date.now();
    if (waitMs <= 0) flush(throttle);
    else throttle.timer ??= setTimeout(() => flush(throttle), waitMs).unref();
  };

  return {
    event(event: RunEvent) {
      if (event.type === 'progress') onProgress(event);
      else writeLine(event);
    },
    done(result) {
      const throttle = throttles.get(result.export_id);
      if (throttle) flush(throttle);
    },
    result(line) {
      flushAll();
      writeLine(line);
      over = true;
    },
    other: writeLine,
    close() {
      flushAll();
      over = true;
      pipe.close();
    },
  };
}
