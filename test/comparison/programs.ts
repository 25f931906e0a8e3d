import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const MAX_MS = 300_000;

/** A program as somebody uses it who knows none of its options. */
export interface Program {
  readonly name: string;
  readonly version: () => string;
  readonly command: (source: string, out: string) => readonly [string, ...string[]];
  /** The command as one types it. */
  readonly typed: string;
}

const firstLine = (command: string, args: readonly string[], pattern: RegExp): string => {
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return pattern.exec(`${stdout ?? ''}\n${stderr ?? ''}`)?.[0] ?? '';
};

const BIN = resolve('bin/sg-export.js');

export const PROGRAMS: readonly Program[] = [
  {
    name: 'ffmpeg',
    version: () => firstLine('ffmpeg', ['-version'], /ffmpeg version \S+/),
    command: (source, out) => ['ffmpeg', '-nostdin', '-i', source, out],
    typed: 'ffmpeg -i X out.mp4',
  },
  {
    name: 'HandBrakeCLI',
    version: () => firstLine('HandBrakeCLI', ['--version'], /HandBrake [\d.]+/),
    command: (source, out) => ['HandBrakeCLI', '-i', source, '-o', out],
    typed: 'HandBrakeCLI -i X -o out.mp4',
  },
  {
    name: 'sg-export',
    version: () => firstLine(process.execPath, [BIN, '--version'], /[\d.]+/),
    command: (source, out) => [process.execPath, BIN, 'export', source, '-o', out],
    typed: 'sg-export export X -o out.mp4',
  },
];

/** What came of one command. */
export interface Made {
  readonly exit: number;
  /** The file that it left; undefined for none. */
  readonly path: string | undefined;
  /** All that it printed. */
  readonly said: string;
}

/** Runs a program on a source, with a history of its own. */
export function make(program: Program, source: string, out: string, folder: string): Made {
  const [command, ...args] = program.command(source, out);
  const env = { ...process.env, SG_EXPORT_DB: `${folder}/history.db`, XDG_CONFIG_HOME: `${folder}/config` };
  const run = spawnSync(command, args, {
    ...{ env, encoding: 'utf8' as const, timeout: MAX_MS, killSignal: 'SIGKILL' as const, maxBuffer: 1e8 },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const path = existsSync(out) ? out : undefined;
  return { exit: run.status ?? -1, path, said: `${run.stdout}\n${run.stderr}` };
}
