import type { Command } from 'commander';
import { exitCodeOf } from '../model/errors.ts';
import { type CommandContext, writeJson } from './context.ts';
import { tableLook, withListings } from './listing.ts';

const EXAMPLES = `
Examples:
  sg-export doctor               ffmpeg, encoders, graphics devices, database: each usable, or why not
  sg-export doctor --refresh     try every encoder again
  sg-export doctor --json
  sg-export doctor --ffmpeg /opt/ffmpeg/bin/ffmpeg

Each encoder encodes a few frames, once for each ffmpeg and driver; later calls remember how it went.
Exit codes: 0 exports work, 5 they do not.
`;

/** `doctor`: what this machine can do. */
export function defineDoctor(command: Command, context: CommandContext): void {
  command
    .description('What this machine can do: ffmpeg, encoders, graphics devices, database, each usable or why not.')
    .option('--refresh', 'try every encoder again')
    .addHelpText('after', EXAMPLES);
  command.action(() =>
    withListings(command, context, 'cache', async ({ listings, session, flags, json, write }) => {
      const { error, ...findings } = await listings.examine(session, {
        refresh: flags.refresh === true,
        signal: context.controller.signal,
        onTrials: (count) => {
          if (context.stderr.isTTY && !session.global.quiet) context.stderr.write(`trying ${count} encoders …\n`);
        },
      });
      if (error) context.exit(exitCodeOf(error.code));
      if (json) {
        const failure = error ? { error_code: error.code, error_message: error.message } : {};
        return writeJson(context, { ...findings, ...failure });
      }
      const { doctorPage } = await import('../ui/doctor.ts');
      write(doctorPage(findings, await tableLook(context, session.global.color === false)));
    }),
  );
}
