import { CommanderError } from 'commander';
import type { CommandContext } from './commands/context.ts';
import { buildProgram, commandWord } from './commands/program.ts';
import { exitCodeOf, issueJson, SgError } from './model/errors.ts';
import { NOTHING_MADE } from './model/events.ts';

const RUNNING = ['export', 'multi', 'demo'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The words that may be options: all before `--`. */
const ownWords = (argv: readonly string[]) => argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined);

/** A shell may stand in a folder that somebody removed: then no name means anything, but `--help` and `--version` need none. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new SgError('USAGE', 'the working folder does not exist any more', { hint: 'cd to one that does', cause });
  }
}

const context: CommandContext & { exitCode: number } = {
  app: () => import('./app.ts'),
  oneExport: () => import('./app/one-export.ts'),
  listings: () => import('./app/listings.ts'),
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  get cwd() {
    return workingFolder();
  },
  controller: new AbortController(),
  exitCode: 0,
  exit: (code) => {
    context.exitCode = code;
  },
};

/** First signal: cancel and clean up. Second: at once, with the last resort's cleaning. */
function listenToSignals(): void {
  let asked = false;
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (asked) {
        void context.oneExport().then(({ clearStanding }) => {
          clearStanding();
          const own = ownWords(process.argv.slice(2));
          const error = new SgError(name, 'ended at once by a second signal');
          if (own.includes('--json')) process.stdout.write(`${JSON.stringify(failureLine(commandWord(own), error))}\n`);
          process.exit(exitCodeOf(name));
        });
        return;
      }
      asked = true;
      context.exit(exitCodeOf(name));
      context.controller.abort(new SgError(name, name === 'SIGINT' ? 'cancelled' : `ended by ${name}`));
    });
  }
}

/** A result line, whatever went wrong: scripts read the last line and nothing else. */
function failureLine(command: string | undefined, error: SgError): unknown {
  if (command === 'validate') {
    const own = {
      severity: 'error',
      code: error.code.toLowerCase(),
      message: error.message,
      path: '',
      hint: error.hint,
    };
    return {
      valid: false,
      issues: error.issues.length > 0 ? error.issues.map(issueJson) : [own],
      error_code: error.code,
      error_message: error.message,
    };
  }
  if (command === undefined || !RUNNING.includes(command))
    return { error_code: error.code, error_message: error.message };
  return {
    type: 'result',
    ...(command === 'multi'
      ? { multi_id: null, exports: [], packages: [], sharing: null }
      : { export_id: null, source: null }),
    status: SIGNALS.some((name) => name === error.code) ? 'cancelled' : 'failed',
    progress: 0,
    current_stage: 'preparation',
    ...NOTHING_MADE,
    error_code: error.code,
    error_message: error.message,
  };
}

function fromCommander(error: CommanderError): SgError {
  if (error.code === 'commander.help') return new SgError('USAGE', 'no command was given', { hint: 'see --help' });
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  return new SgError('USAGE', first, { hint: rest.join(' ').replace(/[()]/g, '') || 'see --help' });
}

async function fail(thrown: unknown, argv: readonly string[]): Promise<void> {
  const own = ownWords(argv);
  const error = thrown instanceof CommanderError ? fromCommander(thrown) : thrown;
  const known =
    error instanceof SgError
      ? error
      : new SgError('INTERNAL', error instanceof Error ? error.message : String(error), { cause: error });
  context.exit(exitCodeOf(known.code));
  if (own.includes('--json')) {
    process.stdout.write(`${JSON.stringify(failureLine(commandWord(own), known))}\n`);
    return;
  }
  const [{ renderError }, { colourFor }] = await Promise.all([import('./ui/errors.ts'), import('./ui/colour.ts')]);
  const colour = colourFor(process.stderr, { noColour: own.includes('--no-color'), env: process.env });
  const verbose = own.includes('-v') || own.includes('--verbose');
  const quiet = own.includes('-q') || own.includes('--quiet');
  process.stderr.write(renderError(error instanceof SgError ? error : thrown, { colour, verbose, quiet }));
}

/** A reader that went away (`| head`) is no error: what it read, it has; the run itself goes on. */
function bearClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return;
      // A full disk behind `>`: what was made stands, what is said of it is lost.
      if (stream === process.stdout) process.stderr.write(`error: the output cannot be written: ${error.message}\n`);
      process.exit(exitCodeOf('ENCODE'));
    });
  }
}

async function main(): Promise<void> {
  bearClosedPipes();
  listenToSignals();
  const argv = process.argv.slice(2);
  try {
    await (await buildProgram(argv, context)).parseAsync(argv, { from: 'user' });
  } catch (error) {
    const shown = error instanceof CommanderError && error.exitCode === 0;
    if (!shown) await fail(error, argv);
  }
  // Everything is written before the end, and no forgotten handle may keep the process.
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  process.exit(context.exitCode);
}

await main();
