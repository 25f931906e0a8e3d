import type { Candidates, CompletedCommand, CompletedFlag } from './words.ts';

/** Help inside a spec of _arguments, which ends at ] and :, all of it in single quotes. */
const text = (help: string): string =>
  help
    .replaceAll('\\', '\\\\')
    .replace(/[[\]:]/g, (sign) => `\\${sign}`)
    .replaceAll("'", `'\\''`);
const nameOf = (path: readonly string[]): string => ['_sg_export', ...path].join('_');

function action(candidates: Candidates): string {
  switch (candidates.kind) {
    case 'words':
      return `(${candidates.words.map(text).join(' ')})`;
    case 'words-or-files':
      return `_alternative "words\\:word\\:(${candidates.words.join(' ')})" "files\\:file\\:_files"`;
    case 'files':
      return '_files';
    case 'presets':
      return '__sg_export_presets';
    case 'exports':
      return '__sg_export_exports';
    case 'running':
      return '__sg_export_running';
    case 'text':
      return ' ';
  }
}

function flagSpecs({ names, help, value }: CompletedFlag): readonly string[] {
  const what = value ? `:${names[0]?.replace(/^-+/, '') ?? 'value'}:${action(value)}` : '';
  // Repeatable flags are few and no harm is done by offering another once more.
  return names.map((name) => `    '*${name}${value && name.startsWith('--') ? '=' : ''}[${text(help)}]${what}'`);
}

function commandFunction(command: CompletedCommand): string {
  const flags = command.flags.flatMap(flagSpecs);
  if (command.commands.length === 0) {
    const rest = `    '*:${command.argument.kind === 'files' ? 'file' : 'id'}:${action(command.argument)}'`;
    return [`${nameOf(command.path)}() {`, '  _arguments -S \\', [...flags, rest].join(' \\\n'), '}'].join('\n');
  }
  const children = command.commands.map(({ name, help }) => `      '${name}:${text(help)}'`);
  const branches = command.commands.map(({ name }) => `      ${name}) ${nameOf([...command.path, name])} ;;`);
  return [
    `${nameOf(command.path)}() {`,
    '  local context state state_descr line',
    '  typeset -A opt_args',
    '  _arguments -C \\',
    [...flags, "    '1: :->command'", "    '*:: :->rest'"].join(' \\\n'),
    '  case $state in',
    '  command)',
    '    local -a commands=(',
    ...children,
    '    )',
    '    _describe -t commands command commands ;;',
    '  rest)',
    '    case $line[1] in',
    ...branches,
    '    esac ;;',
    '  esac',
    '}',
  ].join('\n');
}

/** A script for zsh's own completion system; works sourced and as a file `_sg-export` on the fpath. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  return `#compdef sg-export
# zsh completion of sg-export. Made by: sg-export completion zsh
__sg_export_presets() {
  local -a ids=(\${(f)"$(_call_program presets sg-export presets list --ids 2>/dev/null)"})
  compadd -a ids
}

__sg_export_exports() {
  local -a ids=(\${(f)"$(_call_program exports sg-export history --ids --limit 50 2>/dev/null)"})
  compadd -V exports -a ids
}

__sg_export_running() {
  local -a ids=(\${(f)"$(_call_program running sg-export history --ids --status encoding 2>/dev/null)"})
  compadd -a ids
}

${commands.map(commandFunction).join('\n\n')}

if [[ $funcstack[1] == _sg-export ]]; then
  _sg_export "$@"
else
  compdef _sg_export sg-export
fi
`;
}
