import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { GlobalOptions, MultiOutcome, PreparedMulti } from '../app.ts';
import { exitCodeOf } from '../model/errors.ts';
import { MULTI_OPTIONS } from '../model/multi-options.ts';
import { type App, type CommandContext, splitOptions } from './context.ts';
import { armTimeout } from './export-command.ts';
import { addExportOptions, addRow, collect } from './option-flags.ts';

const EXAMPLES = `
Examples:
  sg-export multi in.mov --export h264:1080p:high --export vp9:720p:medium --output-folder delivery
  sg-export multi in.mov --export h264 --export prores::high      an empty part leaves it to the defaults
  sg-export multi a.mov b.mov --job deliver.yaml --skip-existing  many sources, one job; only what is missing
  sg-export multi rushes/ --export h264:540p:draft --name '{name}_proxy' --parallel 2
  find . -name '*.mxf' | sg-export multi --from - --export dnxhr:1080p:low --output-folder proxies
  sg-export multi in.mov --job deliver.json --dry-run > deliver.sh
  sg-export multi in.mov --export h264:720p --export av1:720p --report page.html   which is worth its size?
  sg-export multi --resume                                        what a killed run left undone
  sg-export multi in.mov --ladder hls --output-folder site        a folder for a web server: site/in_hls/master.m3u8
  sg-export multi in.mov --ladder cmaf --rungs 1080p:5000k,720p:2800k,360p:700k
  sg-export multi in.mov --ladder hls --encrypt aes-128 --key-file key.bin --key-uri https://example.com/key

A job file, in YAML or JSON, has export's flags in snake_case, for all exports and for each:
  output_folder: delivery
  speed: slow
  exports:
    - {codec: h264, resolution: 1080p, quality: high, filename_suffix: _web}
    - prores:source:high

--receipt names a folder, in which each output's receipt is called after it; --depfile one file with a rule for each output;
--report one page of all outputs, with a plot of their sizes and qualities.

Exit codes: 0 all done, 8 some done and some not, 2 usage, 3 input, 4 rules, 5 toolchain, 6 encode, 7 verify, 124 timeout, 130 cancelled.
`;

const GROUP = 'Several exports:';

function addOwnOptions(command: Command): void {
  const own = (flags: string, help: string) => command.addOption(new Option(flags, help).helpGroup(GROUP));
  command.addOption(
    new Option('--export <codec:resolution:quality>', 'one export of each source; repeatable')
      .helpGroup(GROUP)
      .argParser(collect),
  );
  own('--job <file>', 'exports and settings in YAML or JSON; flags win over it');
  own('--from <file>', 'sources from a list, one path a line; - is standard input');
  own('--resume', 'take up the newest unfinished run: only what is missing is made');
  for (const row of MULTI_OPTIONS) addRow(command, row);
  addExportOptions(command, ['output']);
  // Taken to be refused with what would work.
  command.addOption(new Option('-o, --output <path>').hideHelp());
}

/** `multi`: many sources, many deliveries. */
export function defineMulti(command: Command, context: CommandContext): void {
  command
    .description(
      'Make many deliveries of one source or of many, in parallel: all validated before the first one starts, each verified before it exists.',
    )
    .argument('[input...]', 'local media files, folders of them, or patterns');
  addOwnOptions(command);
  command.addHelpText('after', EXAMPLES).action(async (inputs: readonly string[]) => {
    const { global, flags } = splitOptions(command.optsWithGlobals());
    const app = await context.app();
    const { session, prepare } = await (flags.resume === true ? resumed : asked)(
      app,
      { inputs, flags },
      global,
      context,
    );
    const disarm = armTimeout(session, flags, context);
    try {
      const { prepared, notes } = await prepare();
      if (flags.dry_run) printScript(app, prepared, context);
      else await run(app, session, prepared, notes, context);
    } finally {
      disarm();
      session.history.close();
    }
  });
}

type SessionOf = Awaited<ReturnType<App['openSession']>>;
type Call = Parameters<App['readMultiRequest']>[1];

interface Opened {
  readonly session: SessionOf;
  readonly prepare: () => Promise<{ readonly prepared: PreparedMulti; readonly notes: readonly string[] }>;
}

async function asked(app: App, call: Call, global: GlobalOptions, context: CommandContext): Promise<Opened> {
  const session = await app.openSession({ cwd: context.cwd, global, env: context.env });
  const { signal } = context.controller;
  return {
    session,
    prepare: async () => {
      const { request, notes } = await app.readMultiRequest(session, call, signal);
      return { prepared: await app.prepareMulti(session, request, signal), notes };
    },
  };
}

/** The run is taken up as it was asked for: in its folder, with its configuration. */
async function resumed(app: App, call: Call, global: GlobalOptions, context: CommandContext): Promise<Opened> {
  app.checkResume(call);
  const here = await app.openSession({ cwd: context.cwd, global, env: context.env });
  const { multiId, owner, createdAt, request, global: kept } = findAndClose(app, here);
  const changed = app.resumedRequest(request, call);
  const session = await app.openSession({
    cwd: request.cwd,
    global: { ...kept, ...absolute(global, context.cwd), db: here.historyPath },
    env: context.env,
  });
  const many = `${request.exports.length} export${request.exports.length === 1 ? '' : 's'}`;
  return {
    session,
    prepare: async () => ({
      prepared: await app.prepareMulti(session, changed, context.controller.signal, { resumed: { multiId, owner } }),
      notes: [`taking up the run of ${createdAt} in ${request.cwd}: ${many}`],
    }),
  };
}

/** Programs and files that are named now are meant from here. */
function absolute(global: GlobalOptions, cwd: string): GlobalOptions {
  const paths = (['config', 'ffmpeg', 'ffprobe'] as const).flatMap((key) => {
    const path = global[key];
    return path === undefined ? [] : [[key, resolve(cwd, path)] as const];
  });
  return { ...global, ...Object.fromEntries(paths) };
}

function findAndClose(app: App, session: SessionOf): ReturnType<App['findUnfinished']> {
  try {
    return app.findUnfinished(session);
  } finally {
    session.history.close();
  }
}

/** The films and folders of a request that are complete. */
function standingOf({ exports, before, packagesBefore }: PreparedMulti): readonly string[] {
  // A folder is told in place of the renditions in it.
  if (packagesBefore.length > 0) return packagesBefore.map(({ standing }) => standing.result.folder);
  const complete = exports.filter(({ ready }) => ready.existing.kind === 'complete');
  return [
    ...complete.flatMap(({ ready }) => ready.prepared.plan?.destination ?? []),
    ...before.flatMap(({ made }) => made),
  ];
}

function printScript(app: App, prepared: PreparedMulti, context: CommandContext): void {
  const { request, exports, packages } = prepared;
  const scripted = exports.flatMap(({ asked: { label }, ready: { prepared, existing } }) => {
    if (!prepared.plan || existing.kind === 'complete') return [];
    const overwrite = prepared.values.overwrite === true || existing.kind === 'remake';
    return [{ label, plan: prepared.plan, toolchain: prepared.toolchain, overwrite }];
  });
  const folders = [...app.foldersOf(request), ...packages.map(({ scratch }) => scratch)];
  const script = app.multiScript(scripted, folders, standingOf(prepared));
  context.stdout.write(packages.length > 0 ? app.packagesScript(script, packages.map(app.scriptedPackage)) : script);
}

async function run(
  app: App,
  session: SessionOf,
  prepared: PreparedMulti,
  notes: readonly string[],
  context: CommandContext,
): Promise<void> {
  const { global } = session;
  if (session.history.problem && !global.quiet) context.stderr.write(`warning: ${session.history.problem}\n`);
  const { presenterFor } = await import('./multi-presenters.ts');
  const presenter = await presenterFor(prepared, global, context);
  presenter.begin(notes);
  let outcome: MultiOutcome;
  try {
    outcome = await app.runMulti(session, prepared, context.controller, presenter.watcher);
  } catch (error) {
    presenter.end();
    throw error;
  }
  presenter.finish(outcome);
  context.exit(outcome.error ? exitCodeOf(outcome.error.code) : 0);
}
