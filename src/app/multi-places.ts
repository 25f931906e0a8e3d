import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { checkFolderToMake } from '../files/destination.ts';
import { type Issue, SgError } from '../model/errors.ts';
import type { Prepared } from './call.ts';
import { folderOf, type MultiRequest, type RequestedExport } from './multi-request.ts';
import { diskIssues, type NeededBytes, neededBytes } from './prepare.ts';
import { commonFileIssues, outputNames } from './side-files.ts';

/** An export whose output has its name. */
export interface Placed {
  readonly asked: RequestedExport;
  readonly prepared: Prepared;
}

function usage(code: string, message: string, path: string, hint: string): Issue {
  return { severity: 'error', code, message, path, hint, exit: 'USAGE' };
}

/** Folders that are made when the run starts, where they are not there. Absolute. */
export function foldersOf(request: MultiRequest): readonly string[] {
  const outputs = request.exports.map((asked) => folderOf(request, asked));
  const receipts = request.receipts === undefined ? undefined : resolve(request.cwd, request.receipts);
  return [...new Set([...outputs, receipts])].filter((folder) => folder !== undefined);
}

/** Who names a file of receipts means one; there are several. */
async function receiptsIssues(folder: string): Promise<readonly Issue[]> {
  const isThere = await stat(folder).catch(() => undefined);
  if (isThere || extname(folder).toLowerCase() !== '.json') return checkFolderToMake(folder);
  return [usage('receipts_not_a_folder', 'it names one file, and each export has a receipt', '--receipt', '')];
}

/** What is wrong with the folders, before anything is made. */
export async function folderIssues(request: MultiRequest): Promise<readonly Issue[]> {
  const found: Issue[] = [];
  for (const folder of foldersOf(request)) {
    const isReceipts = request.receipts !== undefined && folder === resolve(request.cwd, request.receipts);
    const flag = isReceipts ? '--receipt' : '--output-folder';
    const [issue] = isReceipts ? await receiptsIssues(folder) : await checkFolderToMake(folder);
    const hint = isReceipts ? 'with several exports it is a folder, which is made' : `choose another ${flag}`;
    if (issue) found.push({ ...issue, path: flag, message: `${flag} ${folder}: ${issue.message}`, hint });
  }
  return found;
}

/** One name for a place, however it is reached. */
async function placeKey(path: string): Promise<string> {
  const folder = dirname(path);
  const folds = process.platform === 'darwin' || process.platform === 'win32';
  const name = basename(path).normalize('NFC');
  return join(await realpath(folder).catch(() => folder), folds ? name.toLowerCase() : name);
}

/** The film and the pictures beside it. */
const outputsOf = ({ resolved }: Prepared): readonly string[] =>
  resolved ? outputNames(resolved.destination, resolved.thumbnails) : [];

const NAME_HINT = 'tell them apart with --name, --output-folder, or filename_suffix in a job file';

/** Findings that leave an export without a name. */
const NO_NAME = ['unknown_name_field', 'bad_name'];

/** Outputs and receipts that would be one file. */
export async function collisions(placed: readonly Placed[]): Promise<readonly Issue[]> {
  const takers = new Map<string, { readonly path: string; readonly labels: string[] }>();
  // A name that its pattern does not make is told already.
  const named = placed.filter(({ prepared }) => !prepared.issues.some(({ code }) => NO_NAME.includes(code)));
  for (const { asked, prepared } of named) {
    for (const path of [...outputsOf(prepared), prepared.values.receipt]) {
      if (path === undefined) continue;
      const key = await placeKey(path);
      const taker = takers.get(key) ?? { path, labels: [] };
      takers.set(key, taker);
      taker.labels.push(asked.label);
    }
  }
  return [...takers.values()]
    .filter(({ labels }) => labels.length > 1)
    .map(({ path, labels }) => {
      const more = labels.length > 3 ? ` and ${labels.length - 3} more` : '';
      const names = labels.slice(0, 3).join(labels.length === 2 ? ' and ' : ', ');
      const message = `${names}${more} would ${labels.length === 2 ? 'both' : 'all'} be ${path}`;
      return usage('outputs_collide', message, '--name', NAME_HINT);
    });
}

/** The file system of a folder that may not be there yet, and a folder of it that is. */
async function diskOf(folder: string): Promise<{ readonly device: number; readonly folder: string }> {
  const info = await stat(folder).catch(() => undefined);
  if (info || dirname(folder) === folder) return { device: info?.dev ?? 0, folder };
  return diskOf(dirname(folder));
}

/** Whether all outputs together fit where they go: one finding for each file system. */
export async function spaceIssues(placed: readonly Placed[]): Promise<readonly Issue[]> {
  const disks = new Map<number, { readonly folder: string; needed: NeededBytes }>();
  for (const { prepared } of placed) {
    const { resolved, plan } = prepared;
    if (!resolved || !plan) continue;
    const { device, folder } = await diskOf(dirname(resolved.destination));
    const disk = disks.get(device) ?? { folder, needed: { certain: 0, guessed: 0 } };
    const own = neededBytes(resolved, plan.estimatedBytes);
    disk.needed = { certain: disk.needed.certain + own.certain, guessed: disk.needed.guessed + own.guessed };
    disks.set(device, disk);
  }
  const hint = 'free some space, write elsewhere with --output-folder, or make fewer at a time';
  const found = [...disks.values()].map(({ folder, needed }) => diskIssues(folder, needed, hint));
  return (await Promise.all(found)).flat();
}

/** What no side file of all exports may be. */
function keptFiles(request: MultiRequest, placed: readonly Placed[], configPath: string | undefined) {
  const files = [
    ...placed.flatMap(({ prepared }) => [
      { name: 'an input', path: prepared.sourcePath },
      ...outputsOf(prepared).map((path) => ({ name: 'an output', path })),
      ...(prepared.values.receipt === undefined ? [] : [{ name: 'a receipt', path: prepared.values.receipt }]),
    ]),
    ...request.files.map((file) => ({ name: 'the job file', path: resolve(request.cwd, file) })),
    ...(configPath === undefined ? [] : [{ name: 'the configuration', path: configPath }]),
  ];
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

/** What is wrong with where the depfile and the report go. `resumed`: the page may be there. */
export async function sidePlaceIssues(
  request: MultiRequest,
  placed: readonly Placed[],
  configPath: string | undefined,
  resumed: boolean,
) {
  const kept = keptFiles(request, placed, configPath);
  const again = placed.some(({ prepared: { values } }) => values.overwrite === true || values.skipExisting === true);
  return commonFileIssues(
    {
      depfile: request.depfile && resolve(request.cwd, request.depfile),
      report: request.report && resolve(request.cwd, request.report),
      mayReplacePage: again || resumed,
      toMake: foldersOf(request),
    },
    kept,
  );
}

/** A finding out of what was thrown for it. */
export function thrownIssue(thrown: unknown, code: string, path: string): Issue {
  if (!(thrown instanceof SgError)) throw thrown;
  return usage(code, thrown.message, path, thrown.hint);
}
