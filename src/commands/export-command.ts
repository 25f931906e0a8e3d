import type { Command } from 'commander';
import type { ExportOutcome, ExportWatcher, GlobalOptions, OneExport } from '../app.ts';
import { exitCodeOf, SgError } from '../model/errors.ts';
import { parseTime } from '../model/units.ts';
import { type CommandContext, splitOptions } from './context.ts';
import { addExportOptions } from './option-flags.ts';

const EXAMPLES = `
Examples:
  sg-export export in.mov                                  H.264/AAC in MP4, beside the input
  sg-export export in.mov -o out.webm                      VP9/Opus: the extension decides
  sg-export export in.mov --platform youtube -o delivery/  what YouTube recommends, its rules checked
  sg-export export in.mov --codec prores --quality high    ProRes HQ with PCM in MOV
  sg-export export in.mov --start 1:30 --duration 10 --resolution 720p -o part.mp4
  sg-export export in.mov --two-pass --bitrate 4M --skip-existing --json
  sg-export export in.mov --max-size discord               what a free account there takes; see "platforms"
  out=$(sg-export export in.mov -q) && cp "$out" /mnt/delivery/

Exit codes: 0 done and verified, 2 usage, 3 input, 4 rules, 5 toolchain, 6 encode, 7 verify, 124 timeout, 130 cancelled.
`;

/** `export`: one source, one delivery. */
export function defineExport(command: Command, context: CommandContext): void {
  command
    .description('Turn one source into one delivery: validated before it starts, verified before it exists.')
    .argument('<input>', 'a local media file');
  addExportOptions(command);
  command.addHelpText('after', EXAMPLES).action(async (input: string) => {
    const { global, flags } = splitOptions(command.optsWithGlobals());
    const app = await context.oneExport();
    const session = await app.openSession({ cwd: context.cwd, global, env: context.env });
    try {
      if (flags.dry_run) await dryRun(app, session, input, flags, context);
      else await run(app, session, { input, flags }, global, context);
    } finally {
      session.history.close();
    }
  });
}

type SessionOf = Awaited<ReturnType<OneExport['openSession']>>;

async function dryRun(
  app: OneExport,
  session: SessionOf,
  input: string,
  flags: Readonly<Record<string, unknown>>,
  context: CommandContext,
): Promise<void> {
  const { errorOfIssues } = await import('../model/errors.ts');
  const prepared = await app.prepareExport(session, { input, flags }, context.controller.signal);
  const error = errorOfIssues(prepared.issues);
  if (error) throw error;
  if (!prepared.plan) throw new SgError('INTERNAL', 'a request without findings has no plan');
  if (session.global.verbose) {
    for (const [key, value] of Object.entries(prepared.plan.settings)) {
      context.stdout.write(`# ${key} = ${JSON.stringify(value)} (${prepared.plan.settingsFrom[key] ?? 'default'})\n`);
    }
  }
  context.stdout.write(
    app.dryRunScript(
      prepared.plan,
      prepared.toolchain,
      prepared.values.overwrite === true || prepared.values.skipExisting === true,
    ),
  );
}

/** Ends the run after `--timeout`. Returns what calls that off. */
/** The strongest layer that says how long a run may take. */
function timeoutText({ environment, configValues }: SessionOf, flags: Readonly<Record<string, unknown>>) {
  const value = flags.timeout ?? environment.timeout ?? configValues.timeout;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** Aborts everything when `--timeout` runs out. What is no time is a finding of the request. */
export function armTimeout(
  session: SessionOf,
  flags: Readonly<Record<string, unknown>>,
  context: CommandContext,
): () => void {
  const text = timeoutText(session, flags);
  const limit = text === undefined ? undefined : parseTime(text);
  if (!limit || limit.sec <= 0) return () => undefined;
  const timer = setTimeout(
    () => context.controller.abort(new SgError('TIMEOUT', `--timeout ${text} ran out`)),
    Math.min(limit.sec * 1000, 2 ** 31 - 1),
  );
  return () => clearTimeout(timer);
}

async function run(
  app: OneExport,
  session: SessionOf,
  call: { readonly input: string; readonly flags: Readonly<Record<string, unknown>> },
  global: GlobalOptions,
  context: CommandContext,
): Promise<void> {
  const disarm = armTimeout(session, call.flags, context);
  const { watcher, finish } = await watcherFor(global, context);
  if (session.history.problem && !global.quiet) context.stderr.write(`warning: ${session.history.problem}\n`);
  const outcome = await app.exportOnce(session, call, context.controller, watcher);
  disarm();
  await finish(outcome);
  context.exit(outcome.error ? exitCodeOf(outcome.error.code) : 0);
}

interface Presenter {
  readonly watcher: ExportWatcher;
  readonly finish: (outcome: ExportOutcome) => Promise<void>;
}

async function watcherFor(global: GlobalOptions, context: CommandContext): Promise<Presenter> {
  return global.json ? jsonPresenter(context) : textPresenter(global, context);
}

async function jsonPresenter(context: CommandContext): Promise<Presenter> {
  const { ndjsonListener } = await import('../ui/ndjson.ts');
  const listener = ndjsonListener(context.stdout);
  return {
    watcher: { started: () => undefined, event: (event) => listener.event(event) },
    finish: async ({ result }) => {
      listener.done(result);
      listener.result(result);
      listener.close();
    },
  };
}

async function textPresenter(global: GlobalOptions, context: CommandContext): Promise<Presenter> {
  const [{ loadListener }, { colourFor }, { renderError }] = await Promise.all([
    import('../ui/listener-for.ts'),
    import('../ui/colour.ts'),
    import('../ui/errors.ts'),
  ]);
  const colour = colourFor(context.stderr, { noColour: global.color === false, env: context.env });
  const { stderr, env } = context;
  const listen = await loadListener({ stderr, quiet: global.quiet === true, colour, env });
  let listener: ReturnType<typeof listen> | undefined;
  const warn = (text: string) => {
    if (!global.quiet) context.stderr.write(`${colour.yellow('warning:')} ${text}\n`);
  };
  return {
    watcher: {
      started: (exportId, prepared) => {
        for (const text of prepared.plan?.warnings ?? []) warn(text);
        const settings = prepared.plan?.settings;
        if (settings?.hardware_reason && !global.quiet && (settings.hardware || global.verbose))
          context.stderr.write(`hardware: ${settings.hardware ?? 'none'} (${settings.hardware_reason})\n`);
        if (global.verbose) {
          for (const step of prepared.plan?.steps ?? [])
            context.stderr.write(`${colour.dim(`${prepared.toolchain.ffmpeg.path} ${step.args.join(' ')}`)}\n`);
        }
        listener = listen([{ export_id: exportId, label: labelOf(prepared.plan?.destination ?? prepared.input) }]);
      },
      event: (event) => listener?.event(event),
    },
    finish: async ({ result, error, prepared }) => {
      listener?.done(result);
      listener?.close();
      // What took over on the way has warnings of its own.
      const early = new Set(prepared?.plan?.warnings);
      for (const text of result.warnings) if (!early.has(text)) warn(text);
      if (error)
        context.stderr.write(
          renderError(error, { colour, verbose: global.verbose === true, quiet: global.quiet === true }),
        );
      else for (const path of result.output_files) context.stdout.write(`${path}\n`);
    },
  };
}

const labelOf = (path: string): string => path.split('/').at(-1) ?? path;
