import type { Command } from 'commander';
import { type CommandContext, splitOptions, writeJson } from './context.ts';
import { tableLook } from './listing.ts';

const EXAMPLES = `
Examples:
  sg-export platforms                    what each platform takes, and its limits
  sg-export platforms tiktok             its defaults, and every rule with its source
  sg-export platforms youtube --json
  sg-export export in.mov --platform instagram
  sg-export export in.mov --max-size discord
`;

/** `platforms [ID]`: where deliveries go, and the rules there. */
export function definePlatforms(command: Command, context: CommandContext): void {
  command
    .description(
      'The platforms that --platform knows: their defaults and their rules, each with its source; and the sizes that --max-size knows by a name.',
    )
    .argument('[id]', 'a platform')
    .addHelpText('after', EXAMPLES);
  command.action(async (id: string | undefined) => {
    const { global } = splitOptions(command.optsWithGlobals());
    const listings = await context.listings();
    const write = (lines: readonly string[]) => context.stdout.write(lines.map((line) => `${line}\n`).join(''));
    if (id !== undefined) {
      const { row, rules } = listings.showPlatform(id);
      if (global.json) return writeJson(context, row);
      const { platformPage } = await import('../ui/platforms.ts');
      write(platformPage(row, rules, await tableLook(context, global.color === false)));
      return;
    }
    const platforms = listings.listPlatformRows();
    const caps = listings.listSizeCaps();
    if (global.json) return writeJson(context, { platforms, size_caps: caps });
    const [{ platformTable }, { sizeCapLines }] = await Promise.all([
      import('../ui/platforms.ts'),
      import('../ui/size-caps.ts'),
    ]);
    const look = await tableLook(context, global.color === false);
    write([...platformTable(platforms, look), '', ...sizeCapLines(caps, look)]);
  });
}
