import type { Candidates, CompletedCommand, CompletedFlag } from './words.ts';

/** Inside fish's single quotes only the quote and the backslash are special. */
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function candidates(value: Candidates): string {
  switch (value.kind) {
    case 'words':
      return ` -x -a ${quoted(value.words.join(' '))}`;
    case 'words-or-files':
      return ` -r -F -a ${quoted(value.words.join(' '))}`;
    case 'files':
      return ' -r -F';
    case 'presets':
      return " -x -a '(sg-export presets list --ids 2>/dev/null)'";
    case 'exports':
      return " -x -a '(sg-export history --ids --limit 50 2>/dev/null)'";
    case 'running':
      return " -x -a '(sg-export history --ids --status encoding 2>/dev/null)'";
    case 'text':
      return ' -x';
  }
}

const condition = (path: readonly string[]): string =>
  `-n ${quoted(`test "$(__sg_export_path)" = ${JSON.stringify(path.join(' '))}`)}`;

function flagLine(path: readonly string[], { names, help, value }: CompletedFlag): string {
  const spelt = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const takes = value ? candidates(value) : '';
  return `complete -c sg-export ${condition(path)} ${spelt.join(' ')}${takes} -d ${quoted(help)}`;
}

function commandLines(command: CompletedCommand): readonly string[] {
  const { path, flags, commands, argument } = command;
  const children = commands.map(
    ({ name, help }) => `complete -c sg-export ${condition(path)} -f -a ${quoted(name)} -d ${quoted(help)}`,
  );
  const rest =
    commands.length > 0 || argument.kind === 'text'
      ? `complete -c sg-export ${condition(path)} -f`
      : `complete -c sg-export ${condition(path)}${candidates(argument).replace(' -r -F', ' -F').replace(' -x', ' -f')}`;
  return [rest, ...children, ...flags.map((flag) => flagLine(path, flag))];
}

/** A script for fish 3.4 and newer. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const valued = new Set(
    commands.flatMap(({ flags }) => flags.filter((flag) => flag.value).flatMap((flag) => flag.names)),
  );
  const paths = commands.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(' ')));
  return `# fish completion of sg-export. Made by: sg-export completion fish
function __sg_export_path -d 'The command on the line'
    set -l path
    set -l skip no
    for word in (commandline -opc)[2..-1]
        if test $skip = yes
            set skip no
            continue
        end
        switch $word
            case ${[...valued].join(' ')}
                set skip yes
            case '-*'
            case '*'
                if contains -- (string join ' ' -- $path $word) ${paths.join(' ')}
                    set -a path $word
                end
        end
    end
    string join ' ' -- $path
    return 0
end

${commands.flatMap(commandLines).join('\n')}
`;
}
