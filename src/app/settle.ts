import { utimes } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Ports, WorkspacePort } from '../engine/ports.ts';
import type { Delivered } from '../engine/run.ts';
import { sha256File, stampFile } from '../files/stamp.ts';
import type { FileStamp, OutputRecord } from '../model/history.ts';
import type { Plan, Step } from '../model/plan.ts';
import { judge, type RuleVerdict } from '../presets/judge.ts';
import type { Prepared, Session } from './call.ts';
import { commandOf } from './dry-run.ts';
import { exportPage } from './export-page.ts';
import type { Attempt } from './outcome.ts';
import { receiptText } from './receipt.ts';
import { requestHash } from './request-hash.ts';
import { depfileText, type StagedFiles, stageFiles } from './side-files.ts';
import { expectUnchanged } from './source-content.ts';
import { type MadeThumbnails, thumbnailHash, thumbnailRecords } from './thumbnails.ts';

/**
 * The source's identity: the digest is computed while ffmpeg works, so that it costs next to nothing. A copy may end long
 * before the digest of a large source: what changes then would make a digest of neither. Throws SgError ENCODE.
 */
export async function stampOf(path: string, signal: AbortSignal): Promise<FileStamp> {
  const sourceStamp = await stampFile(path);
  const sha256 = await sha256File(path, { signal });
  await expectUnchanged({ sourcePath: path, sourceStamp });
  return { path, ...sourceStamp, sha256 };
}

/** What the platform's rules say once the size is known. */
function finalVerdicts({ platform, facts, values }: Prepared, bytes: number): readonly RuleVerdict[] {
  return platform && facts ? judge(platform, { ...facts, bytes }, values.allow ?? []) : [];
}

/** What the history keeps of an output, and the files beside it, not yet in their places. */
export interface Settled {
  readonly record: OutputRecord;
  readonly plan: Plan;
  /** Of the pictures beside it. */
  readonly pictures: readonly FileStamp[];
  readonly staged: StagedFiles;
}

/** All that must hold before the output exists, on its scratch name: its times, its identity, its receipt, depfile and report. */
export async function settle(
  attempt: Attempt,
  prepared: Prepared,
  finished: Delivered,
  workspace: WorkspacePort,
  source: FileStamp,
  ports: Ports,
  sharedArgs: (step: Step) => readonly string[] | undefined,
  pictures: MadeThumbnails | undefined,
): Promise<Settled> {
  const { session, call, exportId, controller } = attempt;
  const { values } = prepared;
  const { plan } = finished;
  const page =
    values.report === undefined
      ? undefined
      : await exportPage(prepared, plan, finished, workspace, ports, controller.signal);
  // As it was when it was read: by now the source may be gone.
  if (values.keepTimes) await utimes(finished.path, new Date(), Number(source.mtimeNs) / 1e9);
  const output: FileStamp = { path: plan.destination, ...(await stampFile(finished.path)), sha256: finished.sha256 };
  const request = prepared.asked ?? prepared.resolved;
  const hash = request ? requestHash(request) : '';
  const thumbnails = pictures?.stamps ?? [];
  const record: OutputRecord = { export_id: exportId, output, source, requestHash: hash };
  const subtitleFile = prepared.resolved?.subtitleFile;
  const receipt = () =>
    receiptText({
      exportId,
      plan,
      toolchain: prepared.toolchain,
      commands: plan.steps.map((step) =>
        commandOf(prepared.toolchain, { ...step, args: sharedArgs(step) ?? step.args }),
      ),
      source,
      subtitles: subtitleFile && { path: subtitleFile.path, sha256: subtitleFile.sha256 },
      output,
      thumbnails,
      thumbnailsHash: thumbnailHash(plan),
      requestHash: hash,
      verification: finished.verification,
      rules: finalVerdicts(prepared, finished.bytes),
      allowed: values.allow ?? [],
      warnings: [...plan.warnings, ...finished.warnings],
      createdAt: new Date().toISOString(),
    });
  const { sourcePath } = prepared;
  const texts = [
    { path: resolve(session.cwd, values.receipt ?? ''), text: values.receipt === undefined ? undefined : receipt() },
    {
      path: resolve(session.cwd, values.depfile ?? ''),
      text: depfileText({
        ...{ session, call, values, sourcePath, destination: plan.destination },
        thumbnails: pictures?.wish,
      }),
    },
    { path: resolve(session.cwd, values.report ?? ''), text: page },
  ];
  return { record, plan, pictures: thumbnails, staged: await stageFiles(texts, ports, exportId) };
}

const outputsOf = (film: OutputRecord, plan: Plan, pictures: readonly FileStamp[]): readonly OutputRecord[] => [
  film,
  ...thumbnailRecords(plan, pictures, film.output, film.export_id),
];

/** What is about to go into place: a run that is killed then cannot say that the files are its own. */
export function announce(
  { history, cwd }: Session,
  { record, plan, pictures }: Settled,
  { receipt }: Prepared['values'],
): void {
  history.announcePlacing({
    export_id: record.export_id,
    outputs: outputsOf(record, plan, pictures),
    receipt: receipt === undefined ? undefined : resolve(cwd, receipt),
  });
}

/** The film and its pictures, for later skips. */
export function remember({ history }: Session, { record, plan, pictures }: Settled): void {
  for (const output of outputsOf(record, plan, pictures)) history.rememberOutput(output);
}
