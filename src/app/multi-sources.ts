import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { reasonOf } from '../files/file-error.ts';
import { expandPattern, isPattern } from '../files/patterns.ts';
import { openSource } from '../files/source-file.ts';
import { stampFile } from '../files/stamp.ts';
import { counted } from '../model/counted.ts';
import { type Issue, SgError } from '../model/errors.ts';
import type { Session } from './call.ts';

/** What a folder's films are called. A file that was named itself may be called as it likes. */
const FILM_EXTENSIONS: readonly string[] = [
  ...['.mp4', '.m4v', '.mov', '.qt', '.mkv', '.webm', '.avi', '.mxf', '.ts', '.mts', '.m2ts', '.mpg', '.mpeg'],
  ...['.m2v', '.vob', '.wmv', '.asf', '.flv', '.f4v', '.3gp', '.3g2', '.ogv', '.ogm', '.dv', '.gxf', '.rm', '.rmvb'],
  ...['.y4m', '.divx', '.mod', '.tod', '.wtv', '.nut'],
];

/** The sources of a request, as typed. */
export interface FoundSources {
  readonly inputs: readonly string[];
  readonly issues: readonly Issue[];
  /** What was passed by, in sentences. */
  readonly notes: readonly string[];
}

function finding(code: string, message: string, path: string, hint: string, exit: 'USAGE' | 'INPUT'): Issue {
  return { severity: 'error', code, message, path, hint, exit };
}

/** A file that stands there as sg-export made it: a result of yesterday's run is no source of today's. */
async function isOwnOutput(session: Session, path: string): Promise<boolean> {
  const record = session.history.findOutput(path);
  if (!record) return false;
  const now = await stampFile(path).catch(() => undefined);
  return now !== undefined && now.bytes === record.output.bytes && now.inode === record.output.inode;
}

/** The films in a folder, not below it: no hidden ones (partial files are), no second names of others, none of ours. */
async function filmsIn(session: Session, typed: string): Promise<{ films: readonly string[]; own: number }> {
  const folder = resolve(session.cwd, typed);
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .map((entry) => ({ name: entry.name, isLink: entry.isSymbolicLink() }))
    .filter(({ name }) => !name.startsWith('.') && FILM_EXTENSIONS.includes(extname(name).toLowerCase()))
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  const films: string[] = [];
  let own = 0;
  for (const { name, isLink } of names) {
    const path = join(folder, name);
    const target = isLink ? await realpath(path).catch(() => path) : path;
    const info = await stat(path).catch(() => undefined);
    const isSecondName = isLink && names.some((one) => join(folder, one.name) === target && !one.isLink);
    if (!info?.isFile() || isSecondName) continue;
    if (await isOwnOutput(session, path)) own += 1;
    else films.push(join(typed, name));
  }
  return { films, own };
}

const NO_MATCH = 'a pattern may hold *, ?, [a-z] and, for folders at any depth, **; hidden names must be named';

async function expandOne(session: Session, typed: string): Promise<FoundSources> {
  const info = await stat(resolve(session.cwd, typed)).catch(() => undefined);
  if (info?.isDirectory()) {
    const { films, own } = await filmsIn(session, typed).catch((error: unknown) => {
      throw new SgError('INPUT', `cannot read the folder ${typed}: ${reasonOf(error)}`);
    });
    const notes = own > 0 ? [`${typed}: ${counted(own, 'file')} that sg-export wrote there left out`] : [];
    if (films.length > 0) return { inputs: films, issues: [], notes };
    const beside = own > 0 ? ' but what sg-export wrote there' : '';
    const hint = 'hidden files and folders in it are not looked at; name the files themselves';
    return {
      inputs: [],
      notes,
      issues: [finding('no_films', `there is no film in ${typed}${beside}`, typed, hint, 'INPUT')],
    };
  }
  if (info || !isPattern(typed)) return { inputs: [typed], issues: [], notes: [] };
  const inputs: string[] = [];
  const found = await expandPattern(typed, session.cwd).catch((thrown: unknown) => {
    if (thrown instanceof SgError) return thrown;
    throw thrown;
  });
  if (found instanceof SgError)
    return { inputs, notes: [], issues: [finding('bad_pattern', found.message, typed, found.hint, 'USAGE')] };
  for (const path of found) {
    if ((await stat(resolve(session.cwd, path)).catch(() => undefined))?.isFile()) inputs.push(path);
  }
  if (inputs.length > 0) return { inputs, issues: [], notes: [] };
  return { inputs, notes: [], issues: [finding('no_match', `no file matches ${typed}`, typed, NO_MATCH, 'INPUT')] };
}

/** Every file once, by whatever name it is reached. */
async function repeated(session: Session, inputs: readonly string[]): Promise<readonly Issue[]> {
  const seen = new Map<string, string>();
  const issues: Issue[] = [];
  for (const input of inputs) {
    const absolute = resolve(session.cwd, input);
    const path = await realpath(absolute).catch(() => absolute);
    const before = seen.get(path);
    seen.set(path, before ?? input);
    if (before === undefined) continue;
    const message = before === input ? `${input} is given twice` : `${before} and ${input} are the same file`;
    issues.push(finding('source_twice', message, input, 'give each source once', 'USAGE'));
  }
  return issues;
}

/** Sources that cannot be opened: what an export finds when it is prepared, for a request that does not come that far. */
export async function unreadable({ cwd }: Session, inputs: readonly string[]): Promise<readonly Issue[]> {
  const found = inputs.map((input) =>
    openSource(input, cwd).then(
      () => [],
      (thrown: unknown) => {
        if (!(thrown instanceof SgError)) throw thrown;
        return [finding('bad_input', thrown.message, input, thrown.hint, 'INPUT')];
      },
    ),
  );
  return (await Promise.all(found)).flat();
}

/** Files stay, folders become their films, and patterns that no shell expanded what they match. */
export async function expandSources(session: Session, typed: readonly string[]): Promise<FoundSources> {
  const found: FoundSources[] = [];
  for (const one of typed) found.push(await expandOne(session, one));
  const inputs = found.flatMap((one) => one.inputs);
  const issues = [...found.flatMap((one) => one.issues), ...(await repeated(session, inputs))];
  return { inputs, issues, notes: found.flatMap((one) => one.notes) };
}

const LIST_HINT =
  'name a text file with one path a line (or ended by NUL, as find -print0 writes them), or - for standard input';
const MOST_LIST_BYTES = 64 * 1024 ** 2;

/**
 * The names in a list: one a line, or, where it holds a NUL, each ended by one (`find -print0`), line breaks and all.
 * Throws SgError USAGE for one in UTF-16, in which every other byte is a NUL, and for what is no text, such as a film.
 */
function namesIn(bytes: Buffer, typed: string): readonly string[] {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new SgError('USAGE', `--from: ${typed} is a list in UTF-16`, { hint: 'save it as UTF-8' });
  }
  if (!isUtf8(bytes)) {
    throw new SgError('USAGE', `--from: ${typed} is no list of paths in UTF-8`, { hint: LIST_HINT });
  }
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  if (text.includes('\0')) return text.split('\0').filter((name) => name !== '');
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

/** The names in a list of paths, `-` for standard input. Throws SgError USAGE. */
export async function readList(typed: string, cwd: string, signal: AbortSignal): Promise<readonly string[]> {
  const stream = typed === '-' ? process.stdin : createReadStream(resolve(cwd, typed));
  const stop = (): void => {
    stream.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      const part = Buffer.from(chunk);
      chunks.push(part);
      bytes += part.length;
      if (bytes > MOST_LIST_BYTES) throw new SgError('USAGE', `--from: ${typed} is too long for a list of paths`);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SgError) throw error;
    throw new SgError('USAGE', `--from: ${typed} cannot be read: ${reasonOf(error)}`, {
      hint: LIST_HINT,
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  const names = namesIn(Buffer.concat(chunks), typed);
  if (names.length === 0) throw new SgError('USAGE', `--from: ${typed} names no source`);
  return names;
}
