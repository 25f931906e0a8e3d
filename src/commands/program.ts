import { Command, Help } from 'commander';
import { VERSION } from '../model/version.ts';
import { addGlobalOptions, type CommandContext } from './context.ts';

/** Gives a command, which has its name and summary, all else: arguments, flags, examples, and what it does. */
type Define = (command: Command, context: CommandContext) => void;

/** A command as the list of commands shows it, and where the rest of it is: loaded only for the command that is asked for. */
export interface CommandRow {
  readonly name: string;
  /** What stands behind its name in the list. */
  readonly usage: string;
  readonly summary: string;
  readonly load: () => Promise<Define>;
}

/** Every subcommand, in the order of `--help`. */
export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'export',
    usage: '<input>',
    summary: 'turn one source into one delivery, verified',
    load: async () => (await import('./export-command.ts')).defineExport,
  },
  {
    name: 'multi',
    usage: '[input...]',
    summary: 'many deliveries of one source or of many, in parallel',
    load: async () => (await import('./multi-command.ts')).defineMulti,
  },
  {
    name: 'estimate',
    usage: '[options] [input]',
    summary: 'what an export would come to: size and time',
    load: async () => (await import('./estimate-command.ts')).defineEstimate,
  },
  {
    name: 'validate',
    usage: '[options] [input]',
    summary: 'check a request, a file against a platform, or a package',
    load: async () => (await import('./validate-command.ts')).defineValidate,
  },
  {
    name: 'codecs',
    usage: '[id]',
    summary: 'codecs and containers, and which this machine can make',
    load: async () => (await import('./codecs-command.ts')).defineCodecs,
  },
  {
    name: 'presets',
    usage: '',
    summary: 'what to make, under a name: list, show, save, delete',
    load: async () => (await import('./presets-command.ts')).definePresets,
  },
  {
    name: 'platforms',
    usage: '[id]',
    summary: 'where deliveries go, and the rules there',
    load: async () => (await import('./platforms-command.ts')).definePlatforms,
  },
  {
    name: 'resolutions',
    usage: '',
    summary: 'the named picture sizes',
    load: async () => (await import('./resolutions-command.ts')).defineResolutions,
  },
  {
    name: 'history',
    usage: '[options] [id]',
    summary: 'what was exported, newest first',
    load: async () => (await import('./history-command.ts')).defineHistory,
  },
  {
    name: 'cancel',
    usage: '[options] <id>',
    summary: 'ask a running export to stop',
    load: async () => (await import('./cancel-command.ts')).defineCancel,
  },
  {
    name: 'compare',
    usage: '[options] <reference> <distorted>',
    summary: 'how near a film is to its reference: SSIM, PSNR, VMAF, worst moments',
    load: async () => (await import('./compare-command.ts')).defineCompare,
  },
  {
    name: 'doctor',
    usage: '[options]',
    summary: 'what this machine can do, and why not',
    load: async () => (await import('./doctor-command.ts')).defineDoctor,
  },
  {
    name: 'completion',
    usage: '<shell>',
    summary: 'a script that makes your shell complete sg-export',
    load: async () => (await import('./completion-command.ts')).defineCompletion,
  },
  {
    name: 'demo',
    usage: '[clip]',
    summary: 'export a clip to MP4, MOV and WebM, and show what came out',
    load: async () => (await import('./demo-command.ts')).defineDemo,
  },
];

/** Global options that may stand before the command, with a value that is none. */
const WITH_VALUE = ['--config', '--db', '--ffmpeg', '--ffprobe'];
/** Words that speak of all commands with all of their flags. */
const OF_ALL = ['completion', 'help'];

/** The word that should name a command; undefined where there is none. */
export function commandWord(argv: readonly string[]): string | undefined {
  return argv.find((word, i) => !word.startsWith('-') && !WITH_VALUE.includes(argv[i - 1] ?? ''));
}

function termInList(one: Command): string {
  const row = COMMANDS.find(({ name }) => name === one.name());
  return row ? `${row.name} ${row.usage}`.trimEnd() : new Help().subcommandTerm(one);
}

/**
 * The program with the command that is asked for, and no other: flags take longer to define than it takes to say no.
 * Where none is asked for, or one that does not exist, all commands are there by name and summary. Nothing is parsed yet.
 */
export async function buildProgram(argv: readonly string[], context: CommandContext): Promise<Command> {
  const word = commandWord(argv);
  const asked = COMMANDS.filter(({ name }) => OF_ALL.includes(word ?? '') || name === word);
  const program = new Command('sg-export')
    .description(
      'Turn real sources into right deliveries: the right streams, colour, size and cadence, verified, or a clear refusal.',
    )
    .version(VERSION, '-V, --version')
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true, ...(asked.length > 0 ? {} : { subcommandTerm: termInList }) })
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, outputError: () => undefined });
  addGlobalOptions(program);
  const defines = await Promise.all(asked.map((row) => row.load()));
  for (const { name, summary } of asked.length > 0 ? asked : COMMANDS) {
    const command = program.command(name).summary(summary);
    defines[asked.findIndex((row) => row.name === name)]?.(command, context);
  }
  return program;
}
