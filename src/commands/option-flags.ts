import { type Command, Option } from 'commander';
import { OPTION_GROUPS } from '../model/option-row.ts';
import { OPTIONS } from '../model/options.ts';

function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}

function describe(help: string, values: readonly string[] | undefined): string {
  return values ? `${help}: ${values.join(', ')}` : help;
}

/** Adds the flags of an export to a command, in the table's groups. Values stay raw: the option table reads them, all findings at once. */
export function addExportOptions(command: Command, without: readonly string[] = []): Command {
  for (const group of OPTION_GROUPS) {
    for (const row of OPTIONS.filter((one) => one.group === group && !without.includes(one.name))) {
      const placeholder = row.kind === 'flag' ? '' : ` <${row.placeholder ?? row.name.split('-').at(-1) ?? 'value'}>`;
      const option = new Option(
        `${row.short ? `-${row.short}, ` : ''}--${row.name}${placeholder}`,
        describe(row.help, row.values),
      );
      option.helpGroup(`${group}:`);
      if (row.repeatable) option.argParser(collect);
      command.addOption(option);
      if (row.negatable) command.addOption(new Option(`--no-${row.name}`, `not ${row.help}`).helpGroup(`${group}:`));
    }
  }
  return command;
}
