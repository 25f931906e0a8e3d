import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { depfileRule } from '../files/depfile.ts';
import type { Toolchain } from '../model/toolchain.ts';
import type { ExportCall, Session } from './call.ts';
import { foldRequest, readLayers } from './layers.ts';
import type { FinishedBefore } from './multi-finished.ts';
import type { Placed } from './multi-places.ts';
import type { MultiRequest, RequestedExport } from './multi-request.ts';
import { realPorts } from './ports.ts';
import { outputNames, prerequisitesOf, stageFiles } from './side-files.ts';

interface DepfileOfMulti {
  readonly multiId: string;
  readonly request: MultiRequest;
  readonly depfileText: string | undefined;
}

/** As make's user knows it: in the folder as it was typed. */
const asTyped = ({ folder }: RequestedExport, path: string): string =>
  folder === undefined ? path : join(folder, basename(path));

/** Of one that is not looked at any more: its source is gone, which makes it again where make comes to it. */
function ruleOfFinished(session: Session, { files }: MultiRequest, { asked, made }: FinishedBefore): string {
  const { values } = foldRequest(readLayers(session, asked.flags), undefined);
  const call: ExportCall = { ...asked, multi: { id: '', files, hasDepfile: true } };
  const targets = made.map((path) => asTyped(asked, path));
  return depfileRule(targets, prerequisitesOf({ session, call, values }));
}

/** A rule for each output, in the order of the request; undefined where none is asked for. Throws SgError USAGE for a name that make has no way to write. */
export function multiDepfile(
  session: Session,
  request: MultiRequest,
  placed: readonly (Placed & { readonly call: ExportCall })[],
  before: readonly FinishedBefore[],
): string | undefined {
  if (request.depfile === undefined) return undefined;
  const rules = placed.map(({ asked, call, prepared: { resolved, values } }) =>
    depfileRule(
      outputNames(asTyped(asked, resolved?.destination ?? ''), resolved?.thumbnails),
      prerequisitesOf({ session, call, values }),
    ),
  );
  for (const finished of before) rules.splice(finished.at, 0, ruleOfFinished(session, request, finished));
  return rules.join('');
}

/** One rule for each output, written only where all of them are there: half of them would hide the others from make. */
export async function writeMultiDepfile(
  { multiId, request: { cwd, depfile }, depfileText: text }: DepfileOfMulti,
  toolchain: Toolchain | undefined,
): Promise<void> {
  if (text === undefined || depfile === undefined || !toolchain) return;
  const path = resolve(cwd, depfile);
  if (text === (await readFile(path, 'utf8').catch(() => undefined))) return;
  await (await stageFiles([{ path, text }], realPorts(toolchain), multiId)).commit();
}
