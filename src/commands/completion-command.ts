import { Argument, type Command } from 'commander';
import type { CommandContext } from './context.ts';

const EXAMPLES = `
Examples:
  bash:  echo 'eval "$(sg-export completion bash)"' >> ~/.bashrc
  zsh:   echo 'eval "$(sg-export completion zsh)"' >> ~/.zshrc      (after compinit)
  fish:  sg-export completion fish > ~/.config/fish/completions/sg-export.fish
`;

/** `completion`: a script that makes a shell complete commands, flags, ids and your own presets. */
export function defineCompletion(command: Command, context: CommandContext): void {
  command
    .description('Print a script that makes a shell complete commands, flags, ids and your own presets.')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', EXAMPLES)
    .action(async (shell: string) => {
      const [{ completedCommands }, { bashScript }, { zshScript }, { fishScript }] = await Promise.all([
        import('./completion/words.ts'),
        import('./completion/bash.ts'),
        import('./completion/zsh.ts'),
        import('./completion/fish.ts'),
      ]);
      const script = { bash: bashScript, zsh: zshScript, fish: fishScript }[shell] ?? bashScript;
      context.stdout.write(script(completedCommands(command.parent ?? command)));
    });
}
