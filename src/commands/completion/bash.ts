import type { Candidates, CompletedCommand } from './words.ts';

/** In single quotes nothing is special but the quote itself. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function reply(candidates: Candidates): string {
  switch (candidates.kind) {
    case 'words':
      return `_sg_export_words ${quoted(candidates.words.join(' '))}`;
    case 'words-or-files':
      return `_sg_export_files; COMPREPLY+=($(compgen -W ${quoted(candidates.words.join(' '))} -- "$current"))`;
    case 'files':
      return '_sg_export_files';
    case 'presets':
      return '_sg_export_words "$("$program" presets list --ids 2>/dev/null)"';
    case 'exports':
      return '_sg_export_words "$("$program" history --ids --limit 50 2>/dev/null)"';
    case 'running':
      return '_sg_export_words "$("$program" history --ids --status encoding 2>/dev/null)"';
    case 'text':
      return 'return 0';
  }
}

/** Flags with the same candidates share a branch. */
function valueCases({ flags }: CompletedCommand): readonly string[] {
  const branches = new Map<string, string[]>();
  for (const { names, value } of flags) {
    if (!value) continue;
    const body = reply(value);
    branches.set(body, [...(branches.get(body) ?? []), ...names]);
  }
  return [...branches].map(([body, names]) => `        ${names.join('|')}) ${body}; return ;;`);
}

function commandCase(command: CompletedCommand): string {
  const flags = command.flags.flatMap((flag) => flag.names.filter((name) => name.startsWith('--'))).join(' ');
  const children = command.commands.map((one) => one.name).join(' ');
  const rest = children === '' ? reply(command.argument) : `_sg_export_words ${quoted(children)}`;
  return [
    `    ${quoted(command.path.join(' '))})`,
    '      case $previous in',
    ...valueCases(command),
    '      esac',
    `      case $current in -*) _sg_export_words ${quoted(flags)}; return ;; esac`,
    `      ${rest} ;;`,
  ].join('\n');
}

/** Words that are commands, and flags after which a value is skipped: how the command on the line is found. */
function walk(commands: readonly CompletedCommand[]): string {
  const valued = new Set(
    commands.flatMap(({ flags }) => flags.filter((flag) => flag.value).flatMap((flag) => flag.names)),
  );
  const paths = commands.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(' ')));
  // bash splits --flag=value at the sign, into three words.
  return `  while ((at < COMP_CWORD)); do
    word=\${COMP_WORDS[at]}
    case $word in
      ${[...valued].join('|')})
        [[ \${COMP_WORDS[at + 1]} == '=' ]] && at=$((at + 1))
        at=$((at + 1)) ;;
      -*) ;;
      *)
        case "\${path:+$path }$word" in
          ${paths.join('|')}) path="\${path:+$path }$word" ;;
        esac ;;
    esac
    at=$((at + 1))
  done`;
}

/** A script for bash 3.2 and newer that needs no bash-completion package. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  return `# bash completion of sg-export. Made by: sg-export completion bash
_sg_export_words() {
  local IFS=$' \\t\\n'
  COMPREPLY=($(compgen -W "$1" -- "$current"))
}

_sg_export_files() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -f -- "$current"))
  compopt -o filenames 2>/dev/null
}

_sg_export() {
  local program=\${COMP_WORDS[0]} current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local path='' word at=1
  COMPREPLY=()
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $previous == '=' ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
${walk(commands)}
  case $path in
${commands.map(commandCase).join('\n')}
  esac
}

complete -F _sg_export sg-export
`;
}
