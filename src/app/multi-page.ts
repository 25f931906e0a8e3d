import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { ExportParts } from '../report/export-report.ts';
import { multiReport } from '../report/multi-report.ts';
import type { Session } from './call.ts';
import { exportParts, madeBy } from './export-page.ts';
import type { PreparedMulti } from './multi-prepare.ts';
import type { ExportOutcome } from './outcome.ts';
import { realPorts } from './ports.ts';
import { stageFiles } from './side-files.ts';

/** Of each output on a page of many: the page would be too long to look at, and too heavy to send. */
const MOST_PAIRS = 2;

/** One output, measured where it lies. Undefined where it was not delivered. */
async function partsOf(
  { prepared, result }: ExportOutcome,
  signal: AbortSignal,
): Promise<{ readonly parts: ExportParts; readonly vmafModel: string | undefined } | undefined> {
  const [path] = result.output_files;
  if (result.status !== 'completed' || !prepared?.plan || path === undefined) return undefined;
  const ports = realPorts(prepared.toolchain);
  const workspace = await ports.openWorkspace(tmpdir(), randomUUID());
  try {
    const plan = { ...prepared.plan, settings: result.settings ?? prepared.plan.settings, warnings: [] };
    const finished = {
      path,
      bytes: result.file_sizes[path] ?? (await ports.fileBytes(path)),
      verification: result.verification ?? undefined,
      warnings: result.warnings,
    };
    const parts = await exportParts(prepared, plan, finished, workspace, ports, signal, MOST_PAIRS);
    return { parts, vmafModel: parts.vmafModel };
  } finally {
    await workspace.remove();
  }
}

/**
 * Writes the page of several exports, where one is wanted, anything was delivered, and it is not there already with nothing
 * new to tell. Throws SgError ENCODE, USAGE, SIGINT.
 */
export async function writeMultiPage(
  session: Session,
  { request, exports, multiId }: PreparedMulti,
  outcomes: readonly ExportOutcome[],
  signal: AbortSignal,
): Promise<void> {
  const toolchain = exports[0]?.ready.prepared.toolchain;
  if (request.report === undefined || !toolchain || signal.aborted) return;
  const page = resolve(session.cwd, request.report);
  const there = await stat(page).catch(() => undefined);
  if (there && outcomes.every(({ result }) => result.skipped)) return;
  const outputs: ExportParts[] = [];
  for (const outcome of outcomes) {
    const found = await partsOf(outcome, signal);
    if (found) outputs.push(found.parts);
  }
  if (outputs.length === 0) return;
  const failed = outcomes.flatMap(({ error }, at) =>
    error ? [{ label: exports[at]?.asked.label ?? '', message: error.message }] : [],
  );
  const vmafModel = outputs.find(({ vmafModel: model }) => model !== undefined)?.vmafModel;
  const text = multiReport({ outputs, failed, made: madeBy(toolchain, vmafModel) });
  await (await stageFiles([{ path: page, text }], realPorts(toolchain), multiId)).commit();
}
