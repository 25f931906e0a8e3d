import type { ExportResult, RunEvent } from '../model/events.ts';

/** Where text goes: a terminal, a pipe or a file. `process.stderr` is one, and so is a fake in a test. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** An export that is about to run, and what people call it. */
export interface NamedExport {
  readonly export_id: string;
  readonly label: string;
}

/** Watches a run. Whatever it does, it never stops the run. */
export interface RunListener {
  event(event: RunEvent): void;
  /** One export is over, well or badly. */
  done(result: ExportResult): void;
  /** Nothing more will come. Leaves the terminal as it was; may be called twice. */
  close(): void;
}
