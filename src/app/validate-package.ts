import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { decodePicture } from '../ffmpeg/decode-picture.ts';
import { probeMedia } from '../ffmpeg/probe.ts';
import { openPackageFolder } from '../files/package-folder.ts';
import { errorOfIssues, type Issue, SgError } from '../model/errors.ts';
import type { PackageCheck } from '../packaging/check.ts';
import { judgePackage, type PackageVerdict } from '../packaging/judge-package.ts';
import type { Decoder, ProbedMedia } from '../packaging/ports.ts';
import type { Session } from './call.ts';
import { findToolchain } from './toolchain.ts';
import { issuesOf } from './validate.ts';

export interface PackageFindings {
  readonly valid: boolean;
  readonly issues: readonly Issue[];
  readonly manifests: readonly string[];
  readonly checks: readonly PackageCheck[];
  readonly error: SgError | undefined;
}

/** Asks ffprobe, through a scratch file of its own. */
function decoderOf(ffprobe: () => Promise<string>, signal: AbortSignal): Decoder {
  const inFile = async <T>(bytes: Uint8Array, ask: (program: string, file: string) => Promise<T>): Promise<T> => {
    const program = await ffprobe();
    const folder = await mkdtemp(join(tmpdir(), 'sg-export-piece-'));
    try {
      const file = join(folder, 'piece');
      await writeFile(file, bytes);
      return await ask(program, file);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  return {
    probe: (bytes) => inFile(bytes, (program, file) => probePiece(program, file, signal)),
    picture: (bytes) => inFile(bytes, (program, file) => decodePicture(program, file, signal)),
  };
}

/** A playable piece of a package; undefined where it is no media. */
async function probePiece(program: string, file: string, signal: AbortSignal): Promise<ProbedMedia | undefined> {
  try {
    const media = await probeMedia(program, file, { signal, scan: 'never' });
    const [video, audio] = [media.video[0], media.audio[0]];
    return {
      video: video && {
        width: video.width,
        height: video.height,
        frameRate: video.averageRate ?? video.frameRate,
        transfer: video.colour.transfer,
      },
      audio: audio && { channels: audio.channels, sampleRate: audio.sampleRate },
    };
  } catch (error) {
    // What is no media is told by the checks of its structure.
    if (error instanceof SgError && error.code === 'INPUT') return undefined;
    throw error;
  }
}

/**
 * Judges the package in a folder. Throws SgError INPUT where there is no folder or no package in it.
 *
 * @param folder an absolute path
 * @param ffprobe its path; asked for only where headers do not say enough
 */
export async function judgePackageFolder(
  folder: string,
  typed: string,
  ffprobe: () => Promise<string>,
  signal: AbortSignal,
): Promise<PackageVerdict> {
  const files = await openPackageFolder(folder, typed);
  const verdict = await judgePackage(files, decoderOf(ffprobe, signal));
  if (verdict.manifests.length > 0) return verdict;
  throw new SgError('INPUT', `${typed} is no package: it has neither a playlist (.m3u8) nor a manifest (.mpd)`, {
    hint: 'Give the folder that holds master.m3u8 or the .mpd manifest.',
  });
}

/** `validate --package`: every finding at once. Throws only what is no finding: signals and bugs. */
export async function validatePackage(
  session: Session,
  call: { readonly folder: string; readonly flags: Readonly<Record<string, unknown>> },
  signal: AbortSignal,
): Promise<PackageFindings> {
  const ffprobe = async () => (await findToolchain(session, signal)).ffprobe.path;
  const early = Object.keys(call.flags).map((key) => withoutMeaning(`--${key.replaceAll('_', '-')}`));
  try {
    const verdict = await judgePackageFolder(resolve(session.cwd, call.folder), call.folder, ffprobe, signal);
    return findingsOf([...early, ...verdict.issues], verdict);
  } catch (thrown) {
    signal.throwIfAborted();
    return findingsOf([...early, ...issuesOf(thrown, call.folder)], { manifests: [], checks: [] });
  }
}

function withoutMeaning(flag: string): Issue {
  return {
    severity: 'error',
    code: 'flag_without_meaning',
    message: `${flag} says what to make: it means nothing with --package`,
    path: flag,
    hint: 'leave it out',
    exit: 'USAGE',
  };
}

function findingsOf(issues: readonly Issue[], { manifests, checks }: Omit<PackageVerdict, 'issues'>): PackageFindings {
  const error = errorOfIssues(issues);
  return { valid: error === undefined, issues, manifests, checks, error };
}
