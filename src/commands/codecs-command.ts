import type { Command } from 'commander';
import { type CommandContext, writeJson } from './context.ts';
import { tableLook, withListings } from './listing.ts';

const EXAMPLES = `
Examples:
  sg-export codecs               codecs and containers, and which of them this machine can make
  sg-export codecs h265          one codec: levels, speeds, and what --set takes
  sg-export codecs --json        all of it, for a program
  sg-export codecs vp9 --json
`;

/** `codecs [ID]`: what can be made, and what of it on this machine. */
export function defineCodecs(command: Command, context: CommandContext): void {
  command
    .description('Codecs and containers, and which of them the ffmpeg of this machine can make.')
    .argument('[id]', 'a codec or container')
    .addHelpText('after', EXAMPLES);
  command.action((id: string | undefined) =>
    withListings(command, context, 'cache', async ({ listings, session, json, write }) => {
      if (id !== undefined) {
        const row = await listings.showCodec(session, id);
        if (json) return writeJson(context, row);
        const { codecPage } = await import('../ui/codecs.ts');
        return write(codecPage(row, await tableLook(context, session.global.color === false)));
      }
      const listing = await listings.listCodecs(session);
      if (json) return writeJson(context, listing);
      const { codecTables } = await import('../ui/codecs.ts');
      write(codecTables(listing, await tableLook(context, session.global.color === false)));
    }),
  );
}
