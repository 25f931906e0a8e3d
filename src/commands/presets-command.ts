import type { Command } from 'commander';
import { OPTIONS } from '../model/options.ts';
import { type CommandContext, writeJson } from './context.ts';
import { type ListingCall, tableLook, withListings } from './listing.ts';
import { addExportOptions } from './option-flags.ts';

const EXAMPLES = `
Examples:
  sg-export presets                          all presets, the system's and yours
  sg-export presets show archive             what it sets, and where each value comes from
  sg-export presets save house --codec h265 --crf 24 --description 'For the server'
  sg-export presets save small --extends house --resolution-limit 720p --size-priority size
  sg-export presets delete small
  sg-export export in.mov --preset house

Presets may also be JSON files: those in the folder sg-export-presets beside the configuration file, and those that its
key "presets" names.
`;
const SHOW_EXAMPLES = `
Examples:
  sg-export presets show mobile
  sg-export presets show mobile --json
`;
const SAVE_EXAMPLES = `
Examples:
  sg-export presets save house --codec h265 --crf 24
  sg-export presets save web720 --extends web_optimized --resolution-limit 720p
  sg-export presets save house --codec h265 --crf 22 --overwrite
`;
const DELETE_EXAMPLES = `
Examples:
  sg-export presets delete house
`;

/** What may stand in a preset: everything about the delivery, nothing about one run; a parent is named by --extends. */
const NOT_IN_PRESETS = OPTIONS.filter((row) => row.scope !== 'delivery' || row.name === 'preset').map(
  (row) => row.name,
);

/** `presets [list|show|save|delete]`. */
export function definePresets(command: Command, context: CommandContext): void {
  command
    .description("Presets: the system's, those that you saved, and those in files beside the configuration.")
    .addHelpText('after', EXAMPLES);
  defineList(command, context);
  defineShow(command, context);
  defineSave(command, context);
  defineDelete(command, context);
}

function defineList(parent: Command, context: CommandContext): void {
  const command = parent
    .command('list', { isDefault: true })
    .summary('all presets')
    .description("All presets, the system's first.")
    .option('--ids', 'only their ids, one a line')
    .addHelpText('after', EXAMPLES);
  command.action(() => withListings(command, context, 'read', (call) => list(call, context)));
}

async function list(call: ListingCall, context: CommandContext): Promise<void> {
  const { listings, session, flags, json, write } = call;
  const { rows, issues } = listings.listPresetRows(session);
  if (!session.global.quiet && !flags.ids) {
    if (session.history.problem) context.stderr.write(`warning: ${session.history.problem}\n`);
    for (const { message } of issues) context.stderr.write(`warning: ${message}\n`);
  }
  if (flags.ids) return write(rows.map((row) => row.preset_id));
  if (json) return writeJson(context, { presets: rows });
  const { presetTable } = await import('../ui/presets.ts');
  write(presetTable(rows, await tableLook(context, session.global.color === false)));
}

function defineShow(parent: Command, context: CommandContext): void {
  const command = parent
    .command('show')
    .summary('one preset, and where each of its values comes from')
    .description('One preset: what it sets, and for each value the preset that it comes from.')
    .argument('<id>', 'a preset')
    .addHelpText('after', SHOW_EXAMPLES);
  command.action((id: string) =>
    withListings(command, context, 'read', async ({ listings, session, json, write }) => {
      const shown = listings.showPreset(session, id);
      if (json) return writeJson(context, shown.row);
      const { presetPage } = await import('../ui/presets.ts');
      write(presetPage(shown.row, shown, await tableLook(context, session.global.color === false)));
    }),
  );
}

function defineSave(parent: Command, context: CommandContext): void {
  const command = parent
    .command('save')
    .summary("keep export's flags under a name")
    .description("Keep export's flags under a name. What is there under that name is replaced only with --overwrite.")
    .argument('<id>', 'up to 64 letters, digits, _ and -')
    .option('--extends <id>', 'the preset that this one builds on')
    .option('--title <text>', 'its name in listings (default: the id)')
    .option('--description <text>', 'what it is for')
    .option('--overwrite', 'replace the preset of this name');
  addExportOptions(command, NOT_IN_PRESETS);
  command.addHelpText('after', SAVE_EXAMPLES).action((id: string) =>
    withListings(command, context, 'change', async ({ listings, session, flags, json, write }) => {
      const { extends: parentId, title, description, overwrite, ...settings } = flags;
      const row = await listings.savePreset(session, id, settings, {
        ...(typeof parentId === 'string' ? { extends: parentId } : {}),
        ...(typeof title === 'string' ? { name: title } : {}),
        ...(typeof description === 'string' ? { description } : {}),
        overwrite: overwrite === true,
      });
      if (json) writeJson(context, row);
      else if (!session.global.quiet) write([`saved ${id}: use it with --preset ${id}`]);
    }),
  );
}

function defineDelete(parent: Command, context: CommandContext): void {
  const command = parent
    .command('delete')
    .summary('delete a preset that was saved')
    .description('Delete a preset that was saved. System presets and files stay.')
    .argument('<id>', 'a saved preset')
    .addHelpText('after', DELETE_EXAMPLES);
  command.action((id: string) =>
    withListings(command, context, 'change', ({ listings, session, json, write }) => {
      listings.deletePreset(session, id);
      if (json) writeJson(context, { preset_id: id, deleted: true });
      else if (!session.global.quiet) write([`deleted ${id}`]);
    }),
  );
}
