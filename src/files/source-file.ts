import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SgError } from '../model/errors.ts';
import { reasonOf, systemCode } from './file-error.ts';

const PROTOCOL = /^([A-Za-z][A-Za-z0-9+.-]+):/;

/**
 * The absolute path of a source. An argument that names an existing file is that file, whatever it looks
 * like; where none exists, URLs, pipes and ffmpeg protocols are refused. Nothing is opened before it is known
 * to be a regular file: a fifo or a tape would block, or lose what is read from it. A file behind a descriptor of this process
 * (`/dev/stdin`, `/dev/fd/3`) is called by its own name, since every process has descriptors of its own. Throws SgError INPUT.
 */
export async function openSource(argument: string, folder: string = process.cwd()): Promise<string> {
  if (argument === '' || argument.includes('\0')) throw inputError('the input has no name', 'Give the path of a file.');
  const path = resolve(folder, argument);
  const info = await statSource(argument, path);
  const kind = kindOf(info);
  if (kind) throw inputError(`${argument} is ${kind}, not a file`, 'Give the path of a regular file.');
  if (info.size === 0) throw inputError(`${argument} is empty (0 bytes)`, 'Is it still being copied or recorded?');
  try {
    await access(path, constants.R_OK);
  } catch (error) {
    throw inputError(`cannot read ${argument}: ${reasonOf(error)}`, 'Check its permissions.', error);
  }
  if (!DESCRIPTOR.test(path)) return path;
  return realpath(path).catch((error: unknown) => {
    throw inputError(`${argument} has no name of its own: ${reasonOf(error)}`, 'Give the path of a file.', error);
  });
}

const DESCRIPTOR = /^\/(dev\/(stdin|stdout|stderr|fd\/)|proc\/(self|thread-self)\/)/;

async function statSource(argument: string, path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    const missing = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(systemCode(error));
    const foreign = missing ? foreignKind(argument) : undefined;
    if (foreign) {
      throw inputError(
        `${argument} is ${foreign}, not a local file: sg-export reads local files only`,
        'Copy or download it to a file first, then give the path of that file.',
        error,
      );
    }
    if (systemCode(error) === 'ENOENT') {
      throw inputError(`${argument}: no such file`, `Looked for ${path}.`, error);
    }
    throw inputError(`cannot read ${argument}: ${reasonOf(error)}`, 'Check the path and its permissions.', error);
  }
}

/** What an argument that names no file would mean to ffmpeg. */
function foreignKind(argument: string): string | undefined {
  if (argument === '-') return 'standard input';
  const protocol = PROTOCOL.exec(argument)?.[1]?.toLowerCase();
  if (!protocol) return undefined;
  if (protocol === 'pipe' || protocol === 'fd') return 'a pipe';
  return /^[^:]+:\/\//.test(argument) ? 'a URL' : `an ffmpeg protocol (${protocol}:)`;
}

function kindOf(info: Stats): string | undefined {
  if (info.isFile()) return undefined;
  if (info.isDirectory()) return 'a folder';
  if (info.isFIFO()) return 'a named pipe';
  if (info.isSocket()) return 'a socket';
  return 'a device';
}

function inputError(message: string, hint: string, cause?: unknown): SgError {
  return new SgError('INPUT', message, { hint, cause });
}
