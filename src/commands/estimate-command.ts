import type { Command } from 'commander';
import { SgError } from '../model/errors.ts';
import { formatBytes } from '../model/units.ts';
import { type App, type CommandContext, splitOptions, writeJson } from './context.ts';
import { tableLook } from './listing.ts';
import { addExportOptions } from './option-flags.ts';

const EXAMPLES = `
Examples:
  sg-export estimate in.mov --codec h265                    arithmetic: at once, and rough for constant quality
  sg-export estimate in.mov --codec h265 --sample           encodes samples of the real source: size and time
  sg-export estimate in.mov --platform twitter --sample     would it be too large?
  sg-export estimate --duration 1:30:00 --bitrate 5M        without a source: 1080p at 25 frames a second
  sg-export estimate in.mov --sample --json | jq .high_mb   nine of ten films stay below it

Exit codes: 0 estimated, else what the export would end with: 2 usage, 3 input, 4 rules, 5 toolchain, 6 encode.
`;

type Estimate = Awaited<ReturnType<App['estimateExport']>>;

/** `estimate`: what an export would come to. */
export function defineEstimate(command: Command, context: CommandContext): void {
  command
    .description('Estimate size and time of an export, by arithmetic or by encoding samples of the source.')
    .argument('[input]', 'the source; without one, --duration says how long it would be')
    .option('--sample', "encode short samples of the source with the export's own settings");
  addExportOptions(command);
  command.addHelpText('after', EXAMPLES).action(async (input: string | undefined) => {
    const { global, flags } = splitOptions(command.optsWithGlobals());
    const { sample, ...request } = flags;
    requireSubject(input, request, sample === true);
    const app = await context.app();
    const session = await app.openSession({ cwd: context.cwd, global, env: context.env, listing: 'cache' });
    try {
      const call = { input, flags: request, sample: sample === true };
      const estimate = await app.estimateExport(session, call, context.controller.signal);
      if (global.json) writeJson(context, estimate);
      else await show(estimate, global.color === false, context);
    } finally {
      session.history.close();
    }
  });
}

function requireSubject(input: string | undefined, flags: Readonly<Record<string, unknown>>, sample: boolean): void {
  if (input !== undefined) return;
  const hint = 'sg-export estimate INPUT [flags of export], or estimate --duration TIME [flags]';
  if (flags.duration === undefined) throw new SgError('USAGE', 'there is nothing to estimate', { hint });
  if (sample) throw new SgError('USAGE', '--sample needs a source to take samples of', { hint });
}

const METHODS: Readonly<Record<Estimate['method'], string>> = {
  arithmetic: 'arithmetic; --sample encodes parts of the source',
  samples: 'samples of the source, encoded with these settings',
  whole: 'the whole picture, encoded with these settings',
};

function learnedText({ learned_from: from }: Estimate): string | null {
  if (!from) return null;
  const times = from.time_factor === null ? '' : `, time ×${from.time_factor.toFixed(2)}`;
  return `from ${from.exports} export${from.exports > 1 ? 's' : ''} like this: size ×${from.size_factor.toFixed(2)}${times}`;
}

const size = (mb: number): string => formatBytes(Math.round(mb * 1e6));

async function show(estimate: Estimate, noColour: boolean, context: CommandContext): Promise<void> {
  const [{ pairs }, { durationText }] = await Promise.all([import('../ui/pairs.ts'), import('../ui/figures.ts')]);
  const look = await tableLook(context, noColour);
  const { estimated_time_seconds: seconds, sampling_seconds: spent } = estimate;
  const settings = Object.entries(estimate.recommended_settings).map(
    ([key, value]) => `--${key.replaceAll('_', '-')}${value === true ? '' : ` ${String(value)}`}`,
  );
  const lines = pairs(
    [
      ['size', `${size(estimate.estimated_size_mb)} (${size(estimate.low_mb)} to ${size(estimate.high_mb)})`],
      ['time', seconds === null ? null : `${durationText(seconds)} on this machine`],
      ['bitrate', `${estimate.video_bitrate_kbps} kbps picture, ${estimate.audio_bitrate_kbps} kbps sound`],
      ['length', durationText(estimate.duration_seconds)],
      ['method', `${METHODS[estimate.method]}${spent === null ? '' : ` (${spent} s)`}`],
      ['learned', learnedText(estimate)],
      ['advised', settings.join(' ')],
    ],
    look,
  );
  context.stdout.write(`${lines.join('\n')}\n`);
  for (const warning of estimate.warnings) context.stderr.write(`warning: ${warning}\n`);
}
