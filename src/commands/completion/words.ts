import type { Argument, Command, Option } from 'commander';
import { AUDIO_CODECS } from '../../codecs/audio.ts';
import { CONTAINERS } from '../../codecs/containers.ts';
import { RESOLUTIONS } from '../../codecs/resolutions.ts';
import { VIDEO_CODECS } from '../../codecs/video.ts';
import type { OptionRow } from '../../model/option-row.ts';
import { OPTIONS } from '../../model/options.ts';
import { SIZE_CAPS } from '../../model/size-caps.ts';
import { PLATFORMS } from '../../presets/builtin.ts';

/** What may stand at one place of a command line. Presets and exports are asked of the program when Tab is pressed. */
export type Candidates =
  | { readonly kind: 'words' | 'words-or-files'; readonly words: readonly string[] }
  | { readonly kind: 'files' | 'presets' | 'exports' | 'running' | 'text' };

/** A flag as a shell completes it. */
export interface CompletedFlag {
  /** `--codec`, `-o`. */
  readonly names: readonly string[];
  readonly help: string;
  /** Undefined where it takes no value. */
  readonly value: Candidates | undefined;
}

/** A command, and what may follow it. `path` is empty for the program itself. */
export interface CompletedCommand {
  readonly path: readonly string[];
  readonly help: string;
  readonly flags: readonly CompletedFlag[];
  readonly argument: Candidates;
  readonly commands: readonly { readonly name: string; readonly help: string }[];
}

const words = (list: readonly string[]): Candidates => ({ kind: 'words', words: list });

const RESOLUTION_WORDS = words([...RESOLUTIONS.map((row) => row.id), '4k', '8k', 'source']);
const FRAME_RATES = words(['24', '25', '30', '50', '60', '23.976', '29.97', '59.94', 'source']);
const SUBTITLE_WORDS = ['keep', 'burn', 'drop'];
const SIZE_NAMES = words(SIZE_CAPS.map((cap) => cap.cap_id));
const PLATFORM_IDS = words(PLATFORMS.map((row) => row.platform_id));

function candidatesOfRow(row: OptionRow): Candidates {
  if (row.name === 'preset') return { kind: 'presets' };
  if (row.name === 'platform') return PLATFORM_IDS;
  if (row.values) return words(row.values);
  if (row.kind === 'size' && row.group === 'Quality and size') return SIZE_NAMES;
  if (row.kind === 'subtitles') return { kind: 'words-or-files', words: SUBTITLE_WORDS };
  if (row.kind === 'resolution') return RESOLUTION_WORDS;
  if (row.kind === 'rate') return FRAME_RATES;
  return { kind: row.kind === 'path' ? 'files' : 'text' };
}

/** By what stands in `--flag <placeholder>`, for flags that are in no table. */
function candidatesOfPlaceholder(option: Option): Candidates {
  if (option.argChoices) return words(option.argChoices);
  if (option.long === '--export') return words(VIDEO_CODECS.map((row) => row.id));
  const placeholder = /[<[](.+?)[>\]]/.exec(option.flags)?.[1]?.toLowerCase() ?? '';
  if (/file|folder|path/.test(placeholder)) return { kind: 'files' };
  return { kind: option.long === '--extends' ? 'presets' : 'text' };
}

function flagOf(option: Option): CompletedFlag {
  const takesValue = option.required || option.optional;
  const row = OPTIONS.find((one) => `--${one.name}` === option.long);
  return {
    names: [option.long, option.short].filter((name) => name !== undefined && name !== null),
    help: option.description,
    value: takesValue ? (row ? candidatesOfRow(row) : candidatesOfPlaceholder(option)) : undefined,
  };
}

/** What the ids of listings are, by the command's path. */
const IDS: Readonly<Record<string, Candidates>> = {
  codecs: words([...[...VIDEO_CODECS, ...AUDIO_CODECS].map((row) => row.id), ...CONTAINERS.map((row) => row.id)]),
  platforms: PLATFORM_IDS,
  'presets show': { kind: 'presets' },
  'presets delete': { kind: 'presets' },
  history: { kind: 'exports' },
  cancel: { kind: 'running' },
};

function argumentOf(path: readonly string[], argument: Argument | undefined): Candidates {
  if (!argument) return { kind: 'text' };
  if (argument.argChoices) return words(argument.argChoices);
  return IDS[path.join(' ')] ?? { kind: argument.name() === 'id' ? 'text' : 'files' };
}

const HELP: CompletedFlag = { names: ['--help', '-h'], help: 'show help', value: undefined };

function collect(command: Command, path: readonly string[], global: readonly CompletedFlag[]): CompletedCommand[] {
  const own = command.options.filter((option) => !option.hidden).map(flagOf);
  const flags = path.length === 0 ? own : [...own, ...global];
  const children = command.commands.filter((child) => !isHidden(command, child));
  return [
    {
      path,
      help: command.summary() || command.description(),
      flags: [...flags, HELP],
      argument: argumentOf(path, command.registeredArguments[0]),
      commands: children.map((child) => ({ name: child.name(), help: child.summary() || child.description() })),
    },
    ...children.flatMap((child) =>
      collect(child, [...path, child.name()], path.length === 0 ? inherited(own) : global),
    ),
  ];
}

const inherited = (flags: readonly CompletedFlag[]): readonly CompletedFlag[] =>
  flags.filter((flag) => !flag.names.includes('--version'));

const isHidden = (parent: Command, child: Command): boolean =>
  !parent
    .createHelp()
    .visibleCommands(parent)
    .some((one) => one.name() === child.name());

/** Everything that a shell needs to know of the program, read off its commands and the option table. */
export function completedCommands(program: Command): readonly CompletedCommand[] {
  return collect(program, [], []);
}
