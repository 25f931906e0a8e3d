import type { Command } from 'commander';
import { resolutionListings } from '../codecs/listing.ts';
import { type CommandContext, splitOptions, writeJson } from './context.ts';
import { tableLook } from './listing.ts';

const EXAMPLES = `
Examples:
  sg-export resolutions
  sg-export resolutions --json
  sg-export export in.mov --resolution 720p           fits into 1280x720, or 720 wide where it stands upright
  sg-export export in.mov --resolution 1080p_sq --fit cover
  sg-export export in.mov --resolution 1000x500

16:9 names bound the short side and never enlarge without --upscale; _v, _sq and WxH are exact frames.
`;

/** `resolutions`: the named picture sizes. */
export function defineResolutions(command: Command, context: CommandContext): void {
  command.description('The picture sizes that --resolution knows by name.').addHelpText('after', EXAMPLES);
  command.action(async () => {
    const { global } = splitOptions(command.optsWithGlobals());
    const rows = resolutionListings();
    if (global.json) return writeJson(context, { resolutions: rows });
    const { table } = await import('../ui/table.ts');
    const lines = table<(typeof rows)[number]>(
      [
        { title: 'Name', text: (row) => row.preset_id },
        { title: 'Frame', text: (row) => `${row.width}x${row.height}`, align: 'right' },
        { title: 'Shape', text: (row) => row.aspect_ratio, align: 'right' },
        { title: 'Known as', text: (row) => row.common_name },
        { title: 'Bitrate', text: (row) => `${row.bitrate_multiplier}x`, align: 'right' },
      ],
      rows,
      await tableLook(context, global.color === false),
    );
    context.stdout.write(lines.map((line) => `${line}\n`).join(''));
  });
}
