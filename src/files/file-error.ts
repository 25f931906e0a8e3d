import { SgError } from '../model/errors.ts';

/** The system's code of a failed call, such as `ENOENT`; empty for anything else. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is not a folder',
  EACCES: 'you are not allowed to',
  EPERM: 'you are not allowed to',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your disk quota is used up',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its symbolic links go in a circle',
  EISDIR: 'it is a folder',
  EIO: 'the disk reports an error',
};

/** A system error in words, without the path that Node puts into its messages. */
export function reasonOf(error: unknown): string {
  const code = systemCode(error);
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}

/** What stops a run when writing beside the destination fails: a full disk is no mistake of the user's. */
export function writeError(doing: string, error: unknown): SgError {
  const code = systemCode(error);
  const full = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EIO';
  return new SgError(full ? 'ENCODE' : 'USAGE', `${doing}: ${reasonOf(error)}`, {
    hint: full ? 'Free some space or choose another folder with -o.' : 'Choose another folder with -o.',
    cause: error,
  });
}
