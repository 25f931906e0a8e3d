import { Command } from 'commander';
import { VERSION } from '../model/version.ts';
import { defineCancel } from './cancel-command.ts';
import { defineCodecs } from './codecs-command.ts';
import { defineCompare } from './compare-command.ts';
import { defineCompletion } from './completion-command.ts';
import { addGlobalOptions, type CommandContext } from './context.ts';
import { defineDemo } from './demo-command.ts';
import { defineDoctor } from './doctor-command.ts';
import { defineEstimate } from './estimate-command.ts';
import { defineExport } from './export-command.ts';
import { defineHistory } from './history-command.ts';
import { defineMulti } from './multi-command.ts';
import { definePlatforms } from './platforms-command.ts';
import { definePresets } from './presets-command.ts';
import { defineResolutions } from './resolutions-command.ts';
import { defineValidate } from './validate-command.ts';

/** Every subcommand, in the order of `--help`. */
const COMMANDS: Readonly<Record<string, (program: Command, context: CommandContext) => void>> = {
  export: defineExport,
  multi: defineMulti,
  estimate: defineEstimate,
  validate: defineValidate,
  codecs: defineCodecs,
  presets: definePresets,
  platforms: definePlatforms,
  resolutions: defineResolutions,
  history: defineHistory,
  cancel: defineCancel,
  compare: defineCompare,
  doctor: defineDoctor,
  completion: defineCompletion,
  demo: defineDemo,
};

/** Global options that may stand before the command, with a value that is none. */
const WITH_VALUE = ['--config', '--db', '--ffmpeg', '--ffprobe'];

/** The word that should name a command; undefined where there is none. */
export function commandWord(argv: readonly string[]): string | undefined {
  return argv.find((word, i) => !word.startsWith('-') && !WITH_VALUE.includes(argv[i - 1] ?? ''));
}

/** The program with its commands. Nothing is parsed yet. */
export function buildProgram(argv: readonly string[], context: CommandContext): Command {
  const program = new Command('sg-export')
    .description(
      'Turn real sources into right deliveries: the right streams, colour, size and cadence, verified, or a clear refusal.',
    )
    .version(VERSION, '-V, --version')
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, outputError: () => undefined });
  addGlobalOptions(program);
  // Only the command that is asked for is built: its flags take longer to define than it takes to say no.
  const word = commandWord(argv);
  const asked = word !== undefined && word !== 'completion' ? COMMANDS[word] : undefined;
  // The list of commands needs no flags of theirs.
  const brief = word === undefined;
  for (const define of asked ? [asked] : Object.values(COMMANDS)) define(program, { ...context, brief });
  return program;
}
