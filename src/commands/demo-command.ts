import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { ExportCall, ExportOutcome, GlobalOptions } from '../app.ts';
import { exitCodeOf } from '../model/errors.ts';
import type { ExportResult } from '../model/events.ts';
import { type App, type CommandContext, splitOptions, writeJson } from './context.ts';

const EXAMPLES = `
Examples:
  sg-export demo               makes a clip, then MP4 (H.264), MOV (ProRes) and WebM (VP9) of it
  sg-export demo in.mov        the same with a clip of yours
  sg-export demo --json        as NDJSON
`;

/** What the demo delivers: one of each kind of codec and container. */
const DELIVERIES = [
  { codec: 'h264', audio_codec: 'aac', container: 'mp4' },
  { codec: 'prores', audio_codec: 'pcm', container: 'mov' },
  { codec: 'vp9', audio_codec: 'opus', container: 'webm', speed: 'fast' },
] as const;

export function defineDemo(command: Command, context: CommandContext): void {
  command
    .description(
      'Export a clip to MP4 (H.264/AAC), MOV (ProRes/PCM) and WebM (VP9/Opus) in parallel, verify each fully, and show a table.',
    )
    .argument('[clip]', 'a local media file (default: one is made)')
    .addHelpText('after', EXAMPLES)
    .action(async (clip: string | undefined) => {
      const { global } = splitOptions(command.optsWithGlobals());
      const app = await context.app();
      const session = await app.openSession({ cwd: context.cwd, global, env: context.env });
      try {
        await demo(app, session, clip, global, context);
      } finally {
        session.history.close();
      }
    });
}

async function demo(
  app: App,
  session: Awaited<ReturnType<App['openSession']>>,
  clip: string | undefined,
  global: GlobalOptions,
  context: CommandContext,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sg-export-demo-'));
  const source =
    clip === undefined
      ? await app.makeDemoClip(session, folder, context.controller.signal)
      : resolve(context.cwd, clip);
  const calls: readonly ExportCall[] = DELIVERIES.map((delivery) => ({
    input: source,
    flags: { ...delivery, output: folder, name: '{name}_{codec}', verify: 'full' },
  }));
  const deliveries = calls.map((call) => ({ call, controller: new AbortController() }));
  context.controller.signal.addEventListener('abort', () => {
    for (const { controller } of deliveries) controller.abort(context.controller.signal.reason);
  });
  const outcomes = global.json
    ? await runJson(app, session, deliveries, context)
    : await runShown(app, session, deliveries, global, context);
  const failed = outcomes.find((outcome) => outcome.error);
  context.exit(failed?.error ? exitCodeOf(failed.error.code) : 0);
}

type Runner = Parameters<App['exportMany']>[0];
type Deliveries = Parameters<App['exportMany']>[1];

async function runJson(
  app: App,
  session: Runner,
  deliveries: Deliveries,
  context: CommandContext,
): Promise<readonly ExportOutcome[]> {
  const { ndjsonListener } = await import('../ui/ndjson.ts');
  const listener = ndjsonListener(context.stdout);
  const outcomes = await app.exportMany(
    session,
    deliveries,
    { parallel: 3, finished: ({ result }) => listener?.done(result) },
    { started: () => undefined, event: (event) => listener.event(event) },
  );
  listener.close();
  const bad = outcomes.find((outcome) => outcome.error);
  writeJson(context, {
    type: 'result',
    multi_id: null,
    status: bad ? 'failed' : 'completed',
    exports: outcomes.map((outcome) => outcome.result),
    packages: [],
    error_code: bad?.error?.code ?? null,
    error_message: bad?.error?.message ?? null,
  });
  return outcomes;
}

const secondsOf = (result: ExportResult): number | null => {
  const found = result.verification?.checks.find((check) => check.name === 'duration')?.actual;
  return found === undefined ? null : Number.parseFloat(found);
};

async function runShown(
  app: App,
  session: Runner,
  deliveries: Deliveries,
  global: GlobalOptions,
  context: CommandContext,
): Promise<readonly ExportOutcome[]> {
  const [{ loadListener }, { colourFor }, { renderError }, { summary }] = await Promise.all([
    import('../ui/listener-for.ts'),
    import('../ui/colour.ts'),
    import('../ui/errors.ts'),
    import('../ui/summary.ts'),
  ]);
  const colour = colourFor(context.stderr, { noColour: global.color === false, env: context.env });
  const exports: { export_id: string; label: string }[] = [];
  const { stderr, env } = context;
  const listen = await loadListener({ stderr, quiet: global.quiet === true, colour, env });
  let listener: ReturnType<typeof listen> | undefined;
  const outcomes = await app.exportMany(
    session,
    deliveries,
    { parallel: 3, finished: ({ result }) => listener?.done(result) },
    {
      started: (exportId, prepared) => {
        exports.push({ export_id: exportId, label: basename(prepared.plan?.destination ?? '') });
        if (exports.length === deliveries.length) listener = listen(exports);
      },
      event: (event) => listener?.event(event),
    },
  );
  listener?.close();
  for (const { error } of outcomes)
    if (error)
      context.stderr.write(
        renderError(error, { colour, verbose: global.verbose === true, quiet: global.quiet === true }),
      );
  const rows = outcomes.map(({ result }) => ({
    result,
    label: basename(result.output_files[0] ?? ''),
    mediaSec: secondsOf(result),
  }));
  const width = context.stdout.columns ?? 80;
  context.stdout.write(`${summary(rows, { width }).join('\n')}\n`);
  for (const { result } of outcomes) for (const path of result.output_files) context.stdout.write(`${path}\n`);
  return outcomes;
}
