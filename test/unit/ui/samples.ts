import type { ExportResult, ProgressEvent } from '../../../src/model/events.ts';

export function progress(more: Partial<ProgressEvent> = {}): ProgressEvent {
  return {
    type: 'progress',
    export_id: 'a',
    status: 'encoding',
    progress: 42.6,
    current_stage: 'encoding',
    fps: 31.2,
    speed: 1.3,
    estimated_time: 41,
    bytes: 12_345_678,
    ...more,
  };
}

export function result(more: Partial<ExportResult> = {}): ExportResult {
  return {
    type: 'result',
    export_id: 'a',
    status: 'completed',
    progress: 100,
    current_stage: 'muxing',
    source: '/films/six.mov',
    output_files: ['/films/six.mp4'],
    file_sizes: { '/films/six.mp4': 12_345_678 },
    checksums: {},
    duration: 41.2,
    encoder: 'libx264',
    hardware: null,
    passes: 1,
    settings: null,
    settings_from: null,
    verification: null,
    warnings: [],
    error_code: null,
    error_message: null,
    ...more,
  };
}

export const failure = (more: Partial<ExportResult> = {}): ExportResult =>
  result({
    status: 'failed',
    progress: 40,
    output_files: [],
    file_sizes: {},
    error_code: 'ENCODE',
    error_message: 'the disk is full',
    ...more,
  });

export const named = (count: number): { export_id: string; label: string }[] =>
  Array.from({ length: count }, (_, index) => ({ export_id: `e${index}`, label: `film_${index}.mp4` }));
