import { type Command, Option } from 'commander';
import { OPTION_GROUPS, type OptionRow } from '../model/option-row.ts';
import { OPTIONS } from '../model/options.ts';

/** For a flag that may be given again. */
export function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}

function describe(help: string, values: readonly string[] | undefined): string {
  return values ? `${help}: ${values.join(', ')}` : help;
}

/** Adds the flag of a row, and its negation. The value stays raw. */
export function addRow(command: Command, row: OptionRow): void {
  const placeholder = row.kind === 'flag' ? '' : ` <${row.placeholder ?? row.name.split('-').at(-1) ?? 'value'}>`;
  const option = new Option(
    `${row.short ? `-${row.short}, ` : ''}--${row.name}${placeholder}`,
    describe(row.help, row.values),
  );
  option.helpGroup(`${row.group}:`);
  if (row.repeatable) option.argParser(collect);
  command.addOption(option);
  if (row.negatable) command.addOption(new Option(`--no-${row.name}`, `not ${row.help}`).helpGroup(`${row.group}:`));
}

/** Adds the flags of an export to a command, in the table's groups. Values stay raw: the option table reads them, all findings at once. */
export function addExportOptions(command: Command, without: readonly string[] = []): Command {
  for (const group of OPTION_GROUPS) {
    for (const row of OPTIONS.filter((one) => one.group === group && !without.includes(one.name))) addRow(command, row);
  }
  return command;
}
