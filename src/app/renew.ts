import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { stampFile } from '../files/stamp.ts';
import { sweepLeftovers } from '../files/sweep.ts';
import type { FileStamp } from '../model/history.ts';
import type { Plan } from '../model/plan.ts';
import type { Prepared } from './call.ts';
import { exportPage } from './export-page.ts';
import type { KnownOutputs } from './known-outputs.ts';
import { type Attempt, type ExportOutcome, skipped } from './outcome.ts';
import { realPorts } from './ports.ts';
import { depfileText, stageFiles } from './side-files.ts';
import { completeThumbnails, type MadeThumbnails, makeThumbnails, replaceOwn, thumbnailRecords } from './thumbnails.ts';

/** The film is complete: only what is missing beside it is made, of the film as it is there. Throws SgError as a run does. */
export async function skipFilm(
  attempt: Attempt,
  prepared: Prepared,
  plan: Plan,
  known: KnownOutputs,
  film: FileStamp,
): Promise<ExportOutcome> {
  const { session, controller, exportId } = attempt;
  const { signal } = controller;
  // What a killed run left goes here too: where all is complete, no other run may ever come.
  await sweepLeftovers(dirname(plan.destination));
  const complete = await completeThumbnails(known, plan, film, signal);
  if (complete) return skipped(attempt, prepared, [film, ...complete], { wasIdle: true, warnings: [] });
  const ports = realPorts(prepared.toolchain);
  const replaceAt = (path: string) => replaceOwn(known, path);
  const lock = await ports.lockDestination(plan.destination, exportId, signal);
  let pictures: MadeThumbnails | undefined;
  try {
    pictures = await makeThumbnails({ plan, film: film.path, exportId, replaceAt, ports, signal });
    signal.throwIfAborted();
    await pictures?.place();
    const stamps = pictures?.stamps ?? [];
    for (const record of thumbnailRecords(plan, stamps, film, exportId)) session.history.rememberOutput(record);
    const warnings = pictures?.warnings ?? [];
    return skipped(attempt, prepared, [film, ...stamps], { wasIdle: false, warnings });
  } finally {
    await pictures?.discard();
    await lock.release();
  }
}

/** A skip tells make what a run would: its depfile may be gone, or name what the sources were called before. */
export async function renewDepfile(
  { session, call, exportId }: Attempt,
  prepared: Prepared,
  plan: Plan,
): Promise<void> {
  const { values, sourcePath, toolchain } = prepared;
  const path = resolve(session.cwd, values.depfile ?? '');
  const { destination, thumbnails } = plan;
  const text = depfileText({ session, call, values, sourcePath, destination, thumbnails });
  if (text === undefined || text === (await readFile(path, 'utf8').catch(() => undefined))) return;
  const staged = await stageFiles([{ path, text }], realPorts(toolchain), exportId);
  await staged.commit();
}

/** A page that was asked for and is not there: the film is, and is measured where it lies. */
export async function renewPage(attempt: Attempt, prepared: Prepared, plan: Plan, bytes: number): Promise<void> {
  const { session, exportId, controller } = attempt;
  const path = resolve(session.cwd, prepared.values.report ?? '');
  if (prepared.values.report === undefined || (await stampFile(path).catch(() => undefined))) return;
  const ports = realPorts(prepared.toolchain);
  const workspace = await ports.openWorkspace(tmpdir(), exportId);
  try {
    const film = { path: plan.destination, bytes, warnings: [], verification: undefined };
    const text = await exportPage(prepared, plan, film, workspace, ports, controller.signal);
    await (await stageFiles([{ path, text }], ports, exportId)).commit();
  } finally {
    await workspace.remove();
  }
}
