import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes an executable that stands in for ffmpeg: a node script whose body sees `args`. Returns its path. */
export function fakeFfmpeg(folder: string, body: string, name = 'ffmpeg'): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `#!${process.execPath}\nconst args = process.argv.slice(2);\nconst fs = require('node:fs');\n${body}\n`,
  );
  chmodSync(path, 0o755);
  return path;
}

/** Lines of one `-progress` block, as a string literal for a fake's body. */
export function block(frame: number, outTimeUs: number | 'N/A', end = false): string {
  const lines = [
    `frame=${frame}`,
    'fps=25.00',
    'bitrate=N/A',
    'total_size=N/A',
    `out_time_us=${outTimeUs}`,
    `out_time_ms=${outTimeUs}`,
    'out_time=00:00:00.000000',
    'speed=1.5x',
    `progress=${end ? 'end' : 'continue'}`,
  ];
  return JSON.stringify(`${lines.join('\n')}\n`);
}

/** Whether a process runs: one that is dead but not yet collected by its parent does not. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+[ZX]/m.test(existsSync('/proc/self') ? readFileSync(`/proc/${pid}/status`, 'utf8') : '');
  } catch {
    return false;
  }
}

export async function until(condition: () => boolean, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    if (condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return condition();
}
