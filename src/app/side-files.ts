import { realpath, rename, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Ports } from '../engine/ports.ts';
import { depfileRule } from '../files/depfile.ts';
import { writeError } from '../files/file-error.ts';
import { checkSideFiles, type KeptFile, type SideFile } from '../files/side-files.ts';
import { type Issue, SgError } from '../model/errors.ts';
import type { OptionValues } from '../model/option-values.ts';
import type { ThumbnailWish } from '../model/thumbnails.ts';
import { thumbnailsOf } from '../plan/thumbnails.ts';
import { PAGE_HEAD } from '../report/page.ts';
import type { ExportCall, Session } from './call.ts';
import { presetFilesOf } from './layers.ts';

/** Also one that was cut off, or that a newer version wrote. */
const looksLikeReceipt = (head: string): boolean => /^\s*\{\s*"receipt_version"/.test(head);
/** A rule has a colon in its first line, and no film lacks control characters. */
const looksLikeDepfile = (head: string): boolean => /^[^\n]*:/.test(head) && !/[^\t\n\r\x20-\xff]/.test(head);

/** `--report`: a page of ours gives way to a new one with `--overwrite`, anything else never. */
export const reportFile = (path: string, overwrite: boolean): SideFile => ({
  flag: '--report',
  path,
  mayReplace: (head) => head.startsWith(PAGE_HEAD),
  keeps: !overwrite,
});

interface Delivery {
  readonly session: Session;
  readonly call: ExportCall;
  readonly values: OptionValues;
  readonly sourcePath: string;
  readonly destination: string;
  /** The pictures beside the output, where there are any. */
  readonly thumbnails?: ThumbnailWish | undefined;
}

function sideFiles({ session, values }: Delivery): readonly SideFile[] {
  const at = (flag: string, path: string | undefined, mayReplace: SideFile['mayReplace']): readonly SideFile[] =>
    path === undefined ? [] : [{ flag, path: resolve(session.cwd, path), mayReplace }];
  return [
    ...at('--receipt', values.receipt, looksLikeReceipt),
    ...at('--depfile', values.depfile, looksLikeDepfile),
    ...(values.report === undefined
      ? []
      : [reportFile(resolve(session.cwd, values.report), values.overwrite === true || values.skipExisting === true)]),
  ];
}

/** Findings about `--receipt`, `--depfile` and `--report`: they must not cost anybody a file, and are known to work before anything is encoded. */
export async function sideFileIssues(delivery: Delivery): Promise<readonly Issue[]> {
  const { session, values, sourcePath, destination, thumbnails } = delivery;
  const { subtitles } = values;
  const text =
    subtitles?.kind === 'file' ? [{ name: 'the subtitle file', path: resolve(session.cwd, subtitles.path) }] : [];
  const config = session.configPath === undefined ? [] : [{ name: 'the configuration', path: session.configPath }];
  const places = await checkSideFiles(sideFiles(delivery), [
    { name: 'the input', path: sourcePath },
    { name: 'the output', path: destination },
    ...(thumbnails ? thumbnailsOf(destination, thumbnails) : []).map(({ path }) => ({ name: 'a thumbnail', path })),
    ...text,
    ...config,
  ]);
  try {
    depfileText(delivery);
    return places;
  } catch (error) {
    if (!(error instanceof SgError)) throw error;
    const { message, hint } = error;
    const path = '--depfile';
    return [...places, { severity: 'error', code: 'depfile_name', message, path, hint, exit: 'USAGE' }];
  }
}

/** The side files of several exports together; absolute paths. */
interface CommonFiles {
  readonly depfile: string | undefined;
  readonly report: string | undefined;
  readonly mayReplacePage: boolean;
  /** Folders that the run makes. */
  readonly toMake: readonly string[];
}

/** Findings about the one depfile and the one page of several exports. */
export function commonFileIssues(
  { depfile, report, mayReplacePage, toMake }: CommonFiles,
  kept: readonly KeptFile[],
): Promise<readonly Issue[]> {
  const files = [
    ...(depfile === undefined ? [] : [{ flag: '--depfile', path: depfile, mayReplace: looksLikeDepfile }]),
    ...(report === undefined ? [] : [reportFile(report, mayReplacePage)]),
  ];
  return checkSideFiles(files, kept, toMake);
}

/** All files that the output is made of, the source first. Names stand as they were typed: make compares names, not files. */
export function prerequisitesOf({ session, call, values }: Pick<Delivery, 'session' | 'call' | 'values'>) {
  const presets = values.preset === undefined ? [] : presetFilesOf(session, values.preset);
  const text = values.subtitles?.kind === 'file' ? [values.subtitles.path] : [];
  const job = call.multi?.files ?? [];
  return [call.input, ...text, ...job, ...(session.configPath ? [session.configPath] : []), ...presets];
}

/** All that is made of the prerequisites: the film and its pictures, under the name that the film was given. */
export const outputNames = (typed: string, thumbnails: ThumbnailWish | undefined): readonly string[] => [
  typed,
  ...(thumbnails ? thumbnailsOf(typed, thumbnails) : []).map(({ path }) => path),
];

/** The rule, or undefined where none is asked for. */
export function depfileText(delivery: Delivery): string | undefined {
  const { session, values, destination, thumbnails } = delivery;
  const { depfile, output } = values;
  if (depfile === undefined) return undefined;
  const typed = output !== undefined && resolve(session.cwd, output) === destination ? output : destination;
  return depfileRule(outputNames(typed, thumbnails), prerequisitesOf(delivery));
}

/** Side files that are written, but not yet where they belong. */
export interface StagedFiles {
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Writes texts into scratch folders beside where they belong, so that a full or closed disk is found while the
 * delivery can still be given up. Throws SgError USAGE or ENCODE.
 */
export async function stageFiles(
  texts: readonly { readonly path: string; readonly text: string | undefined }[],
  ports: Ports,
  exportId: string,
): Promise<StagedFiles> {
  const staged: { readonly from: string; readonly to: string; remove(): Promise<void> }[] = [];
  const discard = async (): Promise<void> => {
    for (const one of staged) await one.remove();
  };
  try {
    for (const { path, text } of texts) {
      if (text === undefined) continue;
      // A link stays, and what it leads to is written.
      const to = await realpath(path).catch(() => path);
      const workspace = await ports.openWorkspace(dirname(to), exportId);
      staged.push({ from: workspace.file('text'), to, remove: () => workspace.remove() });
      await writeFile(workspace.file('text'), text).catch((error: unknown) => {
        throw writeError(`cannot write ${path}`, error);
      });
    }
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    discard,
    commit: async () => {
      for (const { from, to } of staged) {
        await rename(from, to).catch((error: unknown) => {
          throw writeError(`all else is complete, but ${to} could not be put into place`, error);
        });
      }
      await discard();
    },
  };
}
