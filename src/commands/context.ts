import type { Command } from 'commander';
import type { GlobalOptions, Listings, OneExport } from '../app.ts';

/** The app, by type only: it is loaded when a command runs, not when help is shown. */
export type App = typeof import('../app.ts');

/** What a command is given: the world it may write to, and the app when it needs it. */
export interface CommandContext {
  readonly app: () => Promise<App>;
  /** What one export needs of it, which loads faster. */
  readonly oneExport: () => Promise<OneExport>;
  /** What listings need of it, which loads much faster. */
  readonly listings: () => Promise<Listings>;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Aborted by signals and by `--timeout`, with the SgError that says which. */
  readonly controller: AbortController;
  /** Sets the exit code of the process. */
  readonly exit: (code: number) => void;
}

/** Options that every subcommand takes, before or after its name. */
export function addGlobalOptions(command: Command): Command {
  return command
    .option('--json', 'machine-readable results on stdout')
    .option('-q, --quiet', 'only errors on stderr')
    .option('-v, --verbose', 'commands, decisions, and stack traces of bugs')
    .option('--no-color', 'no colours (also NO_COLOR)')
    .option('--config <file>', 'configuration file (default: searched from the working folder up)')
    .option('--db <file>', 'history database (also SG_EXPORT_DB)')
    .option('--ffmpeg <file>', 'the ffmpeg to use, and no other (also SG_EXPORT_FFMPEG)')
    .option('--ffprobe <file>', 'the ffprobe to use, and no other (also SG_EXPORT_FFPROBE)');
}

const GLOBAL_KEYS: readonly (keyof GlobalOptions)[] = [
  'json',
  'quiet',
  'verbose',
  'color',
  'config',
  'db',
  'ffmpeg',
  'ffprobe',
];

/** Splits parsed options into the program's own and the request's, the latter by their keys in snake_case. */
export function splitOptions(options: Readonly<Record<string, unknown>>): {
  readonly global: GlobalOptions;
  readonly flags: Readonly<Record<string, unknown>>;
} {
  const global: Record<string, unknown> = {};
  const flags: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (GLOBAL_KEYS.some((one) => one === key)) global[key] = value;
    else flags[key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] = value;
  }
  return { global, flags };
}

export function writeJson(context: CommandContext, value: unknown): void {
  context.stdout.write(`${JSON.stringify(value)}\n`);
}
