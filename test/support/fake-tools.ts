import { chmodSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { onPath } from '../../src/ffmpeg/guard.ts';

/** The real ffmpeg, for wrappers around it. */
export const REAL_FFMPEG = onPath('ffmpeg')[0] ?? 'ffmpeg';

/** Writes an executable shell script. */
export function script(folder: string, name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

/**
 * An ffmpeg that answers questions about itself and probing runs as the real one does, and for the step that
 * makes the film does `body`, in which `$real` is the real one and `$last` the output. Returns its path.
 */
export function fakeEncoder(folder: string, body: string): string {
  return script(
    folder,
    'ffmpeg',
    `real='${REAL_FFMPEG}'
case "$1" in -version|-encoders|-filters) exec "$real" "$@";; esac
case "$*" in *-encoders*|*-filters*) exec "$real" "$@";; esac
for last; do :; done
case "$last" in output.*|*/output.*) ;; *) exec "$real" "$@";; esac
${body}`,
  );
}

/** The real ffmpeg, whose finished film is then damaged by `damage` (a shell command; the film is `$last`). */
export function damagingEncoder(folder: string, damage: string): string {
  return fakeEncoder(folder, `"$real" "$@" || exit $?\n${damage}`);
}

/** A real program behind a script that first writes a line with its arguments to a log. */
export interface LoggedTool {
  readonly path: string;
  readonly calls: () => readonly string[];
}

function logged(folder: string, name: 'ffmpeg' | 'ffprobe'): LoggedTool {
  const log = join(folder, `${name}-calls.log`);
  writeFileSync(log, '');
  const real = onPath(name)[0] ?? name;
  const path = script(folder, name, `printf '%s\\n' "$*" >> '${log}'\nexec '${real}' "$@"`);
  const calls = () =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  return { path, calls };
}

export const loggingEncoder = (folder: string): LoggedTool => logged(folder, 'ffmpeg');
export const loggingProbe = (folder: string): LoggedTool => logged(folder, 'ffprobe');

/** The real ffmpeg, which does not list some of its encoders. */
export function ffmpegWithout(folder: string, encoders: readonly string[]): string {
  const hide = encoders.map((name) => `-e '/ ${name} /d'`).join(' ');
  const body = `case "$*" in *-encoders*) '${REAL_FFMPEG}' "$@" | sed ${hide};; *) exec '${REAL_FFMPEG}' "$@";; esac`;
  return script(folder, 'ffmpeg', body);
}

/** Process ids of programs named like ffmpeg (fakes too) that mention `marker` or work below it. Linux only. */
export function ffmpegsAt(marker: string): readonly number[] {
  const read = (path: string, how: (path: string) => string): string => {
    try {
      return how(path);
    } catch {
      return '';
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const words = read(`/proc/${pid}/cmdline`, (path) => readFileSync(path, 'utf8')).split('\0');
      if (!words.slice(0, 3).some((word) => /^ff(mpeg|probe)/.test(basename(word)))) return false;
      const cwd = read(`/proc/${pid}/cwd`, (path) => readlinkSync(path));
      return cwd.startsWith(marker) || words.some((word) => word.includes(marker));
    })
    .map(Number);
}
