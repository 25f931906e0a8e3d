import type { Command } from 'commander';
import type { Listings, Session } from '../app.ts';
import { type CommandContext, splitOptions } from './context.ts';

/** The listings' part of the app, by type only. */
export type { Listings } from '../app.ts';

/** What a listing's action works with. */
export interface ListingCall {
  readonly listings: Listings;
  readonly session: Session;
  /** The command's own options, by their names in snake_case. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly json: boolean;
  readonly write: (lines: readonly string[]) => void;
}

/** Runs a listing with an open session, and closes it whatever happens. */
export async function withListings(
  command: Command,
  context: CommandContext,
  listing: 'read' | 'cache' | 'change',
  action: (call: ListingCall) => Promise<void> | void,
): Promise<void> {
  const { global, flags } = splitOptions(command.optsWithGlobals());
  const listings = await context.listings();
  const session = await listings.openSession({ cwd: context.cwd, global, env: context.env, listing });
  try {
    await action({
      listings,
      session,
      flags,
      json: global.json === true,
      write: (lines) => context.stdout.write(lines.map((line) => `${line}\n`).join('')),
    });
  } finally {
    session.history.close();
  }
}

/** How a table is drawn for this stdout: a pipe gets 80 columns, as a page does. */
export async function tableLook(context: CommandContext, noColour: boolean) {
  const { colourFor } = await import('../ui/colour.ts');
  return {
    width: Math.max(80, context.stdout.columns ?? 80),
    colour: colourFor(context.stdout, { noColour, env: context.env }),
  };
}
