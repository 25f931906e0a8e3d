import { type Command, InvalidArgumentError, Option } from 'commander';
import { JOB_STATUSES } from '../model/events.ts';
import { type CommandContext, writeJson } from './context.ts';
import { tableLook, withListings } from './listing.ts';

const EXAMPLES = `
Examples:
  sg-export history                      the last 20 exports, newest first
  sg-export history --status failed      those that failed
  sg-export history --limit 0 --json     all of them, for a program
  sg-export history 3f2a                 one export: settings, files, what was said of its size and what came
`;

/** On a terminal; a program gets everything unless it asks for less. */
const LINES_SHOWN = 20;

function readLimit(text: string): number {
  const limit = Number(text);
  if (text.trim() === '' || !Number.isInteger(limit) || limit < 0)
    throw new InvalidArgumentError('It takes a whole number; 0 shows all.');
  return limit;
}

/** `history [ID]`: what was exported, newest first. */
export function defineHistory(command: Command, context: CommandContext): void {
  command
    .description('What was exported with this database, newest first, or everything about one export.')
    .argument('[id]', "an export's id, or the beginning of it")
    .option('--limit <n>', `show so many; 0 shows all (default: ${LINES_SHOWN}; with --json all)`, readLimit)
    .addOption(new Option('--status <status>', 'only those with this status').choices(JOB_STATUSES))
    .option('--ids', 'only their ids, one a line')
    .addHelpText('after', EXAMPLES);
  command.action((id: string | undefined) =>
    withListings(command, context, 'read', async ({ listings, session, flags, json, write }) => {
      if (id !== undefined) {
        const job = listings.jobRow(listings.findJob(session, id));
        const estimate = listings.estimateOfJob(session, job.export_id);
        if (json) return writeJson(context, { ...job, estimate });
        const { jobPage } = await import('../ui/jobs.ts');
        return write(jobPage(job, estimate, await tableLook(context, session.global.color === false)));
      }
      const jobs = listings.listJobs(session, wantedOf(flags, json || flags.ids === true));
      if (flags.ids) return write(jobs.map((job) => job.export_id));
      if (json) return writeJson(context, { jobs });
      const { jobTable } = await import('../ui/jobs.ts');
      if (jobs.length > 0) return write(jobTable(jobs, await tableLook(context, session.global.color === false)));
      if (!session.global.quiet) context.stderr.write(`no exports in ${session.historyPath}\n`);
    }),
  );
}

function wantedOf(flags: Readonly<Record<string, unknown>>, forPrograms: boolean) {
  const limit = typeof flags.limit === 'number' ? flags.limit : forPrograms ? 0 : LINES_SHOWN;
  const status = JOB_STATUSES.find((one) => one === flags.status);
  return { ...(limit > 0 ? { limit } : {}), ...(status ? { status } : {}) };
}
