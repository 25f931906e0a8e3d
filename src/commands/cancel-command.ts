import type { Command } from 'commander';
import { type CommandContext, writeJson } from './context.ts';
import { withListings } from './listing.ts';

const EXAMPLES = `
Examples:
  sg-export cancel 3f2a              ask a running export to stop, and wait for its end
  sg-export cancel 3f2a --no-wait    ask, and do not wait
  sg-export history --status encoding    shows what runs

Exit codes: 0 asked, 2 unknown or already over.
`;

/** A run looks for the request twice a second, then ends its ffmpeg and cleans up. */
const WAIT_SEC = 5;

/** `cancel ID`: asks a running export of this user to stop. */
export function defineCancel(command: Command, context: CommandContext): void {
  command
    .description(
      'Ask a running export of this user to stop. It ends as with Ctrl-C: status cancelled, nothing left behind.',
    )
    .argument('<id>', "the export's id, or the beginning of it")
    .option('--no-wait', `do not wait (up to ${WAIT_SEC} s) for its end`)
    .addHelpText('after', EXAMPLES);
  command.action((id: string) =>
    withListings(command, context, 'change', async ({ listings, session, flags, json, write }) => {
      const job = await listings.cancelJob(session, id, flags.wait === false ? 0 : WAIT_SEC);
      if (json) return writeJson(context, job);
      const running = job.completed_at === null && !['completed', 'failed', 'cancelled'].includes(job.status);
      write([`${job.export_id} ${running ? 'was asked to stop' : job.status}`]);
    }),
  );
}
