import { basename } from 'node:path';
import type { Command } from 'commander';
import type { GlobalOptions } from '../app.ts';
import { type App, type CommandContext, splitOptions, writeJson } from './context.ts';
import { tableLook } from './listing.ts';

const EXAMPLES = `
Examples:
  sg-export compare master.mov delivery.mp4          SSIM, PSNR and VMAF, and where it is worst
  sg-export compare master.mov delivery.mp4 --json
  sg-export compare master.mov delivery.mp4 --report page.html     one page to look at: curves, worst pictures
  sg-export compare a.mp4 b.mp4 --ffmpeg /opt/ffmpeg/bin/ffmpeg    VMAF needs an ffmpeg with libvmaf

The distorted film is brought to the reference's size, colours and rate, and both start with their first picture; what
had to be aligned is said. A film compared with itself has SSIM 1 and an infinite PSNR, which is null in JSON.
Exit codes: 0 compared, whatever came out, 2 usage, 3 input, 5 toolchain, 6 a film has decode errors, 130 cancelled.
`;

/** `compare`: how near a film is to its reference. */
export function defineCompare(command: Command, context: CommandContext): void {
  command
    .description(
      'How near a film is to its reference, picture by picture: SSIM, PSNR, VMAF where ffmpeg has it, and the worst moments. Sizes, frame rates, ranges and start times are aligned first.',
    )
    .argument('<reference>', 'the film as it should look')
    .argument('<distorted>', 'the film that was made of it')
    .option('--report <file>', 'write a page to look at: curves, bitrate over time, the worst pictures side by side')
    .option('--overwrite', 'replace an earlier page')
    .addHelpText('after', EXAMPLES);
  command.action(async (reference: string, distorted: string) => {
    const { global, flags } = splitOptions(command.optsWithGlobals());
    const report = typeof flags.report === 'string' ? flags.report : undefined;
    const call = { reference, distorted, report, overwrite: flags.overwrite === true };
    const app = await context.app();
    const session = await app.openSession({ cwd: context.cwd, global, env: context.env, listing: 'cache' });
    try {
      const result = await withProgress(basename(distorted), global, context, (watcher) =>
        app.compareFilms(session, call, context.controller.signal, watcher),
      );
      if (global.json) return writeJson(context, result);
      if (!global.quiet) for (const note of result.notes) context.stderr.write(`note: ${note}\n`);
      const { comparisonPage } = await import('../ui/comparison.ts');
      const lines = comparisonPage(result, await tableLook(context, global.color === false));
      context.stdout.write(lines.map((line) => `${line}\n`).join(''));
    } finally {
      session.history.close();
    }
  });
}

type Watcher = Parameters<App['compareFilms']>[3];

/** A bar on a terminal, a line now and then elsewhere; nothing for programs. */
async function withProgress<T>(
  label: string,
  global: GlobalOptions,
  context: CommandContext,
  work: (watcher: Watcher) => Promise<T>,
): Promise<T> {
  if (global.json) return work(() => undefined);
  const [{ loadListener }, { colourFor }] = await Promise.all([
    import('../ui/listener-for.ts'),
    import('../ui/colour.ts'),
  ]);
  const { stderr, env } = context;
  const colour = colourFor(stderr, { noColour: global.color === false, env });
  const exports = [{ export_id: 'compare', label }];
  const listener = (await loadListener({ stderr, quiet: global.quiet === true, colour, env }))(exports);
  const startedMs = performance.now();
  try {
    return await work((share, { fps, speed }) => {
      const elapsedSec = (performance.now() - startedMs) / 1000;
      listener.event({
        type: 'progress',
        export_id: 'compare',
        status: 'encoding',
        progress: Math.min(99, 100 * (share ?? 0)),
        current_stage: 'encoding',
        fps,
        speed,
        estimated_time: share && share > 0.02 ? elapsedSec / share - elapsedSec : null,
        bytes: null,
      });
    });
  } finally {
    listener.close();
  }
}
