import type { RunEvent } from '../model/events.ts';
import { NO_COLOUR } from './colour.ts';
import { etaText, fpsText, percentText, speedText } from './figures.ts';
import { finishedLines } from './finished.ts';
import type { NamedExport, Output, RunListener } from './listener.ts';
import { printable } from './printable.ts';
import { ProgressBoard, type Running } from './progress-board.ts';
import { quietPipe } from './quiet-pipe.ts';

const INTERVAL_MS = 30_000;

/** `six.mp4 42% 31 fps 1.3x eta 0:41`; unknown figures are left out. */
function runningText(running: Running): string {
  const figures = [
    percentText(running.progress),
    fpsText(running.fps),
    speedText(running.speed),
    etaText(running.etaSec),
  ];
  return [printable(running.label), ...figures].filter(Boolean).join(' ');
}

function progressLine(board: ProgressBoard): string | undefined {
  const running = board.running();
  if (board.count <= 1) return running[0] && runningText(running[0]);
  if (board.overCount === board.count) return undefined;
  const parts = running.map((one) =>
    [printable(one.label), percentText(one.progress), etaText(one.etaSec)].filter(Boolean).join(' '),
  );
  return [`${board.overCount}/${board.count} done, ${percentText(board.totalProgress())}`, ...parts].join('; ');
}

/**
 * For logs: one line every 30 seconds, warnings as they come and, where there are several exports, one line when one
 * is over. `quiet` leaves only what failed among several (the failure of a single export is the command's to tell).
 */
export function plainListener(
  output: Output,
  exports: readonly NamedExport[],
  options: { readonly quiet?: boolean } = {},
): RunListener {
  const pipe = quietPipe(output);
  const board = new ProgressBoard(exports);
  const quiet = options.quiet === true;
  const tell = (): void => {
    const line = progressLine(board);
    if (line) pipe.write(`${line}\n`);
  };
  const timer = quiet ? undefined : setInterval(tell, INTERVAL_MS).unref();
  return {
    event(event: RunEvent) {
      if (event.type === 'progress') board.progress(event);
      else if (!quiet) pipe.write(`warning: ${board.warningText(event)}\n`);
    },
    done(result) {
      board.done(result);
      if (board.count <= 1 || (quiet && result.status === 'completed')) return;
      const lines = finishedLines(result, board.label(result.export_id), NO_COLOUR);
      pipe.write(`${lines.join('\n')}\n`);
    },
    close() {
      clearInterval(timer);
      pipe.close();
    },
  };
}
