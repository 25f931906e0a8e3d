import type { Command } from 'commander';
import { type CommandContext, writeJson } from './context.ts';
import { withListings } from './listing.ts';

const EXAMPLES = `
Examples:
  sg-export cancel 3f2a              ask a running export to stop, and wait for its end
  sg-export cancel 3f2a --no-wait    ask, and do not wait
  sg-export history --status encoding    shows what runs; --status queued what waits for its turn in a multi

The id of a multi (\`multi_id\` in its JSON and in \`sg-export history ID\`) cancels all that is left of it.

Exit codes: 0 asked, 2 unknown or already over.
`;

/** A run looks for the request twice a second, then ends its ffmpeg and cleans up. */
const WAIT_SEC = 5;

const exportsText = (count: number): string => `${count} export${count === 1 ? '' : 's'}`;

/** `cancel ID`: asks a running export of this user to stop. */
export function defineCancel(command: Command, context: CommandContext): void {
  command
    .description(
      'Ask an export of this user that runs or waits for its turn to stop, or a whole multi. It ends as with Ctrl-C: status cancelled, nothing left behind.',
    )
    .argument('<id>', "the export's id or the multi's, or the beginning of it")
    .option('--no-wait', `do not wait (up to ${WAIT_SEC} s) for its end`)
    .addHelpText('after', EXAMPLES);
  command.action((id: string) =>
    withListings(command, context, 'change', async ({ listings, session, flags, json, write }) => {
      const asked = await listings.cancelById(session, id, flags.wait === false ? 0 : WAIT_SEC);
      if (json) return writeJson(context, asked);
      const running = !['completed', 'failed', 'cancelled'].includes(asked.status);
      const name = 'multi_id' in asked ? `${asked.multi_id} (${exportsText(asked.exports.length)})` : asked.export_id;
      write([`${name} ${running ? 'was asked to stop' : asked.status}`]);
    }),
  );
}
