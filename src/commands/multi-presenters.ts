import { basename, join } from 'node:path';
import type { ExportOutcome, GlobalOptions, MultiOutcome, MultiWatcher, PreparedMulti } from '../app.ts';
import type { CommandContext } from './context.ts';

/** What a run of several exports looks like from outside. */
interface Presenter {
  readonly watcher: MultiWatcher;
  readonly begin: (notes: readonly string[]) => void;
  readonly finish: (outcome: MultiOutcome) => void;
  /** Nothing was run. */
  readonly end: () => void;
}

export function presenterFor(prepared: PreparedMulti, global: GlobalOptions, context: CommandContext) {
  return global.json ? jsonPresenter(prepared, context) : textPresenter(prepared, global, context);
}

/** Where an export will be: a rendition in the folder of its package, not where it is made. */
function outputOf(path: string, packages: PreparedMulti['packages']): string {
  const owner = packages.find(({ scratch }) => path.startsWith(`${scratch}/`));
  return owner ? join(owner.destination, basename(path, '.mp4')) : path;
}

async function jsonPresenter(prepared: PreparedMulti, context: CommandContext): Promise<Presenter> {
  const { MultiNdjson } = await import('../ui/multi-ndjson.ts');
  const exports = prepared.exports.map(({ exportId, asked: { label }, ready }) => ({
    export_id: exportId,
    label,
    source: ready.prepared.sourcePath,
    output_file: outputOf(ready.prepared.plan?.destination ?? '', prepared.packages),
  }));
  const { parallel, together = parallel } = prepared.request;
  const lines = new MultiNdjson(context.stdout, prepared.multiId, exports, Math.max(parallel, together));
  return {
    watcher: {
      started: () => undefined,
      event: (event) => lines.event(event),
      finished: ({ result }) => lines.done(result),
    },
    begin: () => undefined,
    finish: ({ result }) => lines.result(result),
    end: () => undefined,
  };
}

/** Names of outputs, with their folders where two have the same. */
function labelsOf({ exports, packages }: PreparedMulti): readonly string[] {
  const paths = exports.map(({ ready }) => outputOf(ready.prepared.plan?.destination ?? '', packages));
  const names = paths.map((path) => basename(path));
  return paths.map((path, index) => {
    const name = names[index] ?? path;
    return names.indexOf(name) === names.lastIndexOf(name) ? name : path;
  });
}

/** The name of an outcome's export; one that was finished before the run is none of its exports. */
function labelOf(
  { exports, before, request }: PreparedMulti,
  labels: readonly string[],
  { result }: ExportOutcome,
): string {
  const at = exports.findIndex(({ exportId }) => exportId === result.export_id);
  if (at >= 0) return labels[at] ?? '';
  const part = request.ladder && before.find(({ outcome }) => outcome.result === result);
  if (part) return basename(part.outcome.prepared?.plan?.destination ?? part.asked.label, '.mp4');
  return basename(result.output_files[0] ?? '');
}

/** What was found out while an export ran. */
function lateWarnings({ result, prepared }: ExportOutcome): readonly string[] {
  const early = new Set(prepared?.plan?.warnings);
  return result.warnings.filter((text) => !early.has(text));
}

function commandsOf({ exports }: PreparedMulti): readonly string[] {
  return exports.flatMap(({ ready: { prepared } }) =>
    (prepared.plan?.steps ?? []).map(({ args }) => `${prepared.toolchain.ffmpeg.path} ${args.join(' ')}`),
  );
}

/** A rendition of a package is many files: it goes by its label. */
const rowOf = ({ result, prepared }: ExportOutcome, label: string, isPart: boolean) => ({
  result: isPart ? { ...result, output_files: [] } : result,
  label,
  mediaSec: prepared?.plan?.expectation.durationSec ?? null,
});

/** What a script goes on with: the files that were made, or the manifests of packages. */
const pathsOf = (
  outcomes: MultiOutcome['outcomes'],
  packages: MultiOutcome['result']['packages'],
): readonly string[] =>
  packages.length > 0
    ? packages.flatMap(({ manifests }) => manifests)
    : outcomes.flatMap(({ result }) => result.output_files);

async function textPresenter(
  prepared: PreparedMulti,
  global: GlobalOptions,
  { stderr, stdout, env }: CommandContext,
): Promise<Presenter> {
  const [{ loadListener }, { colourFor }, { renderError }, { multiSummary }, { packageSummary }] = await Promise.all([
    import('../ui/listener-for.ts'),
    import('../ui/colour.ts'),
    import('../ui/errors.ts'),
    import('../ui/multi-summary.ts'),
    import('../ui/package-summary.ts'),
  ]);
  const startedMs = performance.now();
  const quiet = global.quiet === true;
  const colour = colourFor(stderr, { noColour: global.color === false, env });
  const labels = labelsOf(prepared);
  const exports = prepared.exports.map(({ exportId }, index) => ({ export_id: exportId, label: labels[index] ?? '' }));
  const say = (text: string) => {
    if (!quiet) stderr.write(`${text}\n`);
  };
  const warn = (text: string) => say(`${colour.yellow('warning:')} ${text}`);
  const listen = await loadListener({ stderr, quiet, colour, env });
  let listener: ReturnType<typeof listen> | undefined;
  return {
    watcher: {
      started: () => undefined,
      event: (event) => listener?.event(event),
      finished: ({ result }) => listener?.done(result),
    },
    begin: (notes) => {
      for (const note of notes) say(note);
      for (const text of prepared.warnings) warn(text);
      if (global.verbose) for (const command of commandsOf(prepared)) say(colour.dim(command));
      listener = listen(exports);
    },
    end: () => listener?.close(),
    finish: ({ outcomes, result: { sharing, packages }, error }) => {
      listener?.close();
      const rows = outcomes.map((outcome) =>
        rowOf(outcome, labelOf(prepared, labels, outcome), prepared.request.ladder !== undefined),
      );
      for (const [index, outcome] of outcomes.entries())
        for (const text of lateWarnings(outcome)) warn(`${rows[index]?.label}: ${text}`);
      const tookSec = (performance.now() - startedMs) / 1000;
      const look = { width: stderr.columns ?? 80, colour };
      const wanted = prepared.packages.length + prepared.packagesBefore.length;
      const lines = prepared.request.ladder
        ? packageSummary(rows, tookSec, sharing, { made: packages, wanted }, look)
        : multiSummary(rows, tookSec, sharing, look);
      for (const line of lines) say(line);
      if (error)
        stderr.write(renderError(error, { colour, verbose: global.verbose === true, quiet: global.quiet === true }));
      for (const path of pathsOf(outcomes, packages)) stdout.write(`${path}\n`);
    },
  };
}
