import { Command, type Option } from 'commander';
import { describe, expect, it } from 'vitest';
import type { CommandContext } from '../../../src/commands/context.ts';
import { buildProgram, COMMANDS } from '../../../src/commands/program.ts';
import { OPTIONS } from '../../../src/model/options.ts';

// Defining a command asks nothing of the world.
const NOWHERE = {} as CommandContext;
// A flag of the same name that a command explains in its own words is its own.
const isShared = (one: Option): boolean =>
  OPTIONS.some((row) => `--${row.name}` === one.long?.replace('--no-', '--') && one.description.includes(row.help));

async function defined(name: string): Promise<Command> {
  const row = COMMANDS.find((one) => one.name === name);
  if (!row) throw new Error(`no command ${name}`);
  const command = new Command(name);
  (await row.load())(command, NOWHERE);
  return command;
}

const listed = (program: Command): readonly string[] => program.commands.map((one) => one.name());

describe('the list of commands, which is shown without loading them', () => {
  it.each(COMMANDS.map((row) => [row.name, row.usage] as const))(
    '%s is listed as it is defined',
    async (name, usage) => {
      const command = await defined(name);
      // Flags that every export takes are not counted: the list would say [options] of nearly all.
      const own = command.options.filter((one) => !one.hidden && !isShared(one));
      const words = command.registeredArguments.map((one) => {
        const inside = `${one.name()}${one.variadic ? '...' : ''}`;
        return one.required ? `<${inside}>` : `[${inside}]`;
      });
      const takesAll = name === 'multi';
      expect(usage).toBe([...(own.length > 0 && !takesAll ? ['[options]'] : []), ...words].join(' '));
    },
  );

  it('is whole where no command is asked for, or one that does not exist', async () => {
    const all = COMMANDS.map((row) => row.name);
    expect(listed(await buildProgram(['--help'], NOWHERE))).toEqual(all);
    expect(listed(await buildProgram(['exprot', 'a.mov'], NOWHERE))).toEqual(all);
    expect(listed(await buildProgram(['help'], NOWHERE))).toEqual(all);
  });

  it('is the command alone where one is asked for, wherever its word stands', async () => {
    const program = await buildProgram(['--config', 'export', '-q', 'codecs', 'export'], NOWHERE);
    expect(listed(program)).toEqual(['codecs']);
  });

  it('has flags for shell completion and the reference page', async () => {
    const program = await buildProgram(['completion', 'bash'], NOWHERE);
    const flags = program.commands.find((one) => one.name() === 'export')?.options.map((one) => one.long) ?? [];
    expect(flags).toEqual(expect.arrayContaining(OPTIONS.map((row) => `--${row.name}`)));
  });
});
