import type { Command } from 'commander';
import { exitCodeOf, issueJson, SgError } from '../model/errors.ts';
import { type App, type CommandContext, splitOptions, writeJson } from './context.ts';
import { addExportOptions } from './option-flags.ts';

const EXAMPLES = `
Examples:
  sg-export validate in.mov --codec vp9 -o out.webm               would this export be refused?
  sg-export validate in.mov --platform instagram --crf 18 --json  all findings at once, for scripts
  sg-export validate --file out.mp4 --platform youtube            each rule: wanted, found, verdict, source
  sg-export validate --file out.mp4 --platform x --allow max_duration
  sg-export validate --file out.mp4 --platform twitter --fix      out_fixed.mp4: a remux where that will do
  sg-export validate --package delivery/film                      HLS, DASH or CMAF: what is claimed against the segments
  sg-export validate --package www/vod --json | jq -r '.issues[].message'

Exit codes: 0 valid (warnings are no errors), else what the export would end with: 2 usage, 3 input, 4 rules, 5 toolchain.
`;

type Findings = Awaited<ReturnType<App['validateRequest']>>;
type Repaired = Awaited<ReturnType<App['repairFile']>>;

/** `validate`: a request before it runs, or a file that is there. */
export function defineValidate(program: Command, context: CommandContext): void {
  const command = program
    .command('validate')
    .summary('check a request, a file against a platform, or a package')
    .description(
      "Check a request as `export` would, without running it; or measure an existing file against a platform's rules; or " +
        'check a package for streaming, whoever made it: that all it names is there, and all it claims is true.',
    )
    .argument('[input]', 'the source of the export to be checked')
    .option('--file <path>', 'measure this file, whoever made it, against the rules of --platform')
    .option('--package <folder>', 'check this folder of HLS, DASH or CMAF: addresses, durations, joins, claims')
    .option('--fix', 'with --file: make the smallest repair of what was found, a new file beside it, and check that');
  if (!context.brief) addExportOptions(command);
  command.addHelpText('after', EXAMPLES).action(async (input: string | undefined) => {
    const { global, flags } = splitOptions(command.optsWithGlobals());
    const { file, fix, package: folder, ...request } = flags;
    if (folder !== undefined) return judgePackage({ input, file, fix, folder }, request, global, context);
    const target = targetOf(input, file);
    if (fix === true) return repair(target, request, global, context);
    const app = await context.app();
    const session = await app.openSession({ cwd: context.cwd, global, env: context.env, listing: 'cache' });
    try {
      const { signal } = context.controller;
      const found =
        target.kind === 'file'
          ? await app.validateFile(session, { file: target.path, flags: request }, signal)
          : await app.validateRequest(session, { input: target.path, flags: request }, signal);
      if (global.json) writeJson(context, findingsJson(found));
      else await show(found, target, global.color === false, context);
      context.exit(found.error ? exitCodeOf(found.error.code) : 0);
    } finally {
      session.history.close();
    }
  });
}

interface PackageCall {
  readonly input: string | undefined;
  readonly file: unknown;
  readonly fix: unknown;
  readonly folder: unknown;
}

/** `--package`: what is wrong in a folder, and how much was looked at. */
async function judgePackage(
  { input, file, fix, folder }: PackageCall,
  flags: Readonly<Record<string, unknown>>,
  global: ReturnType<typeof splitOptions>['global'],
  context: CommandContext,
): Promise<void> {
  const other = input ?? (file === undefined ? undefined : '--file') ?? (fix === undefined ? undefined : '--fix');
  if (typeof folder !== 'string' || other !== undefined)
    throw new SgError('USAGE', `--package asks about a folder; ${other ?? 'what was given'} is another question`, {
      hint: 'sg-export validate --package FOLDER',
    });
  const app = await context.app();
  const session = await app.openSession({ cwd: context.cwd, global, env: context.env, listing: 'cache' });
  try {
    const found = await app.validatePackage(session, { folder, flags }, context.controller.signal);
    const { valid, issues, manifests, checks, error } = found;
    const failure = { error_code: error?.code ?? null, error_message: error?.message ?? null };
    if (global.json) writeJson(context, { valid, issues: issues.map(issueJson), manifests, checks, ...failure });
    else await showPackage(found, folder, global.color === false, context);
    context.exit(error ? exitCodeOf(error.code) : 0);
  } finally {
    session.history.close();
  }
}

async function showPackage(
  { issues, manifests, checks }: Awaited<ReturnType<App['validatePackage']>>,
  folder: string,
  noColour: boolean,
  context: CommandContext,
): Promise<void> {
  const [{ findingsPage }, { tableLook }] = await Promise.all([import('../ui/findings.ts'), import('./listing.ts')]);
  const passed = checks.filter(({ ok }) => ok).length;
  const heading = `${folder} (${manifests.join(', ')}): ${passed} of ${checks.length} checks passed`;
  const lines = findingsPage(issues, await tableLook(context, noColour));
  context.stdout.write(`${(manifests.length > 0 ? [heading, ...lines] : lines).join('\n')}\n`);
}

/** `--fix`: what was found, what was done about it, and what is found now. */
async function repair(
  target: Target,
  { platform, ...flags }: Readonly<Record<string, unknown>>,
  global: ReturnType<typeof splitOptions>['global'],
  context: CommandContext,
): Promise<void> {
  if (target.kind !== 'file' || typeof platform !== 'string')
    throw new SgError('USAGE', '--fix repairs a file for a platform', { hint: '--file OUT --platform ID --fix' });
  const app = await context.app();
  const session = await app.openSession({ cwd: context.cwd, global, env: context.env });
  try {
    const watcher = { started: () => {}, event: () => {} };
    const call = { file: target.path, platform, flags };
    const done = await app.repairFile(session, call, context.controller, watcher);
    if (global.json) writeJson(context, repairJson(done));
    else await showRepair(done, target, global.color === false, context);
    context.exit(done.error ? exitCodeOf(done.error.code) : 0);
  } finally {
    session.history.close();
  }
}

function repairJson({ before, repair: made, after, error }: Repaired): unknown {
  return {
    ...(findingsJson(after ?? before) as object),
    repair: made ? { what: made.what, result: made.outcome.result } : null,
    error_code: error?.code ?? null,
    error_message: error?.message ?? null,
  };
}

async function showRepair(done: Repaired, target: Target, noColour: boolean, context: CommandContext): Promise<void> {
  const { before, repair: made, after, error } = done;
  await show(before, target, noColour, context);
  if (!made) {
    if (error && error !== before.error) throw error;
    if (!error) context.stdout.write('nothing to repair\n');
    return;
  }
  if (made.outcome.error) throw made.outcome.error;
  const {
    warnings,
    output_files: [path = ''],
  } = made.outcome.result;
  for (const warning of warnings) context.stderr.write(`warning: ${warning}\n`);
  context.stdout.write(`\nrepaired by ${made.what}: ${path}\n`);
  if (after) await show(after, { kind: 'file', path }, noColour, context);
}

interface Target {
  readonly kind: 'file' | 'input';
  readonly path: string;
}

function targetOf(input: string | undefined, file: unknown): Target {
  if (typeof file === 'string') {
    if (input === undefined) return { kind: 'file', path: file };
    throw new SgError('USAGE', `--file ${file} and the input ${input} are two different questions`, {
      hint: 'give --file to measure a finished file, or an input to check a request',
    });
  }
  if (input !== undefined) return { kind: 'input', path: input };
  throw new SgError('USAGE', 'there is nothing to validate', {
    hint: 'sg-export validate INPUT [flags of export], or validate --file OUT --platform ID',
  });
}

function findingsJson({ valid, issues, rules, error }: Findings): unknown {
  return {
    valid,
    issues: issues.map(issueJson),
    rules,
    error_code: error?.code ?? null,
    error_message: error?.message ?? null,
  };
}

/** The table names every rule's source already. */
function withoutSource(issue: Findings['issues'][number]): Findings['issues'][number] {
  return issue.code.startsWith('platform_') ? { ...issue, message: issue.message.replace(/ \([^()]*\)$/, '') } : issue;
}

async function show(found: Findings, target: Target, noColour: boolean, context: CommandContext): Promise<void> {
  const [{ findingsPage, verdictPage }, { tableLook }] = await Promise.all([
    import('../ui/findings.ts'),
    import('./listing.ts'),
  ]);
  const look = await tableLook(context, noColour);
  const measured = target.kind === 'file' && found.rules.length > 0;
  const unknown = found.rules.filter(({ verdict }) => verdict === 'unknown').length;
  const beyond = unknown > 0 ? `, ${unknown} of them not to be judged from this file` : '';
  const heading = `${target.path} against ${found.platform ?? 'the platform'}: ${found.rules.length} rules${beyond}`;
  const lines = [
    ...(measured ? verdictPage(heading, found.rules, look) : []),
    ...findingsPage(measured ? found.issues.map(withoutSource) : found.issues, look),
  ];
  context.stdout.write(`${lines.join('\n')}\n`);
}
