import type { ExportResult, ProgressEvent, RunEvent } from '../model/events.ts';
import type { NamedExport } from './listener.ts';
import { printable } from './printable.ts';

/** 100 is said by the result alone: everything before may still fail. */
export const HIGHEST_PROGRESS = 99.9;

/** What is known of one export while it runs. */
export interface Running {
  readonly label: string;
  /** 0 to 99.9, never falling. */
  readonly progress: number;
  readonly fps: number | null;
  readonly speed: number | null;
  readonly etaSec: number | null;
  readonly bytes: number | null;
}

type State = { kind: 'waiting' } | { kind: 'running'; last: ProgressEvent } | { kind: 'over'; result: ExportResult };

/** Keeps the last word of every export of a run. */
export class ProgressBoard {
  readonly #labels = new Map<string, string>();
  readonly #states = new Map<string, State>();

  constructor(exports: readonly NamedExport[]) {
    for (const { export_id, label } of exports) {
      this.#labels.set(export_id, label);
      this.#states.set(export_id, { kind: 'waiting' });
    }
  }

  /** Takes an event in; returns it as it may be shown, its progress never falling and below 100. */
  progress(event: ProgressEvent): ProgressEvent {
    const before = this.#states.get(event.export_id);
    const floor = before?.kind === 'running' ? before.last.progress : 0;
    const progress = Math.min(HIGHEST_PROGRESS, Math.max(floor, Number.isFinite(event.progress) ? event.progress : 0));
    const last = { ...event, progress };
    if (event.status === 'queued') this.#states.set(event.export_id, { kind: 'waiting' });
    else if (before?.kind !== 'over') this.#states.set(event.export_id, { kind: 'running', last });
    return last;
  }

  done(result: ExportResult): void {
    this.#states.set(result.export_id, { kind: 'over', result });
  }

  label(exportId: string): string {
    return this.#labels.get(exportId) ?? exportId;
  }

  /** A warning on one line, with the export that it is about where there are several. */
  warningText(event: Extract<RunEvent, { type: 'warning' }>): string {
    const name = this.count > 1 ? `${this.label(event.export_id)}: ` : '';
    return printable(name + event.message);
  }

  get count(): number {
    return this.#states.size;
  }

  get overCount(): number {
    return [...this.#states.values()].filter((state) => state.kind === 'over').length;
  }

  /** The exports that run at this moment, in the order in which they were asked for. */
  running(): readonly Running[] {
    return [...this.#states].flatMap(([id, state]) =>
      state.kind === 'running'
        ? [
            {
              label: this.label(id),
              progress: state.last.progress,
              fps: state.last.fps,
              speed: state.last.speed,
              etaSec: state.last.estimated_time,
              bytes: state.last.bytes,
            },
          ]
        : [],
    );
  }

  /** Mean progress of all exports; one that is over counts as whole. */
  totalProgress(): number {
    const parts = [...this.#states.values()].map((state) =>
      state.kind === 'over' ? 100 : state.kind === 'running' ? state.last.progress : 0,
    );
    const mean = parts.reduce((sum, part) => sum + part, 0) / Math.max(1, parts.length);
    return Math.min(HIGHEST_PROGRESS, mean);
  }
}
