import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { probeMedia } from '../ffmpeg/probe.ts';
import { openSource } from '../files/source-file.ts';
import { sha256File } from '../files/stamp.ts';
import { type Issue, SgError } from '../model/errors.ts';
import type { SubtitleFile } from '../model/media.ts';
import type { OptionValues } from '../model/option-values.ts';
import { SUBTITLES_WANTED } from '../model/read-options.ts';
import type { Session } from './call.ts';

/** A film of text has far less; what is larger is something else under this name. */
const MOST_BYTES = 64_000_000;
const FORMATS = ['srt', 'ass', 'webvtt'];

const refuse = (message: string, hint: string, exit: 'USAGE' | 'INPUT' = 'INPUT'): SgError =>
  new SgError(exit, `--subtitles: ${message}`, { hint });

/** ffmpeg reads UTF-8, and UTF-16 by its mark; of anything else it would make other letters. */
async function requireUnicode(path: string, typed: string): Promise<void> {
  const stream = createReadStream(path);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let isFirst = true;
  try {
    for await (const chunk of stream) {
      const bytes: Buffer = chunk;
      const [a, b] = bytes;
      if (isFirst && ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff))) return;
      isFirst = false;
      decoder.decode(bytes, { stream: true });
    }
    decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const way = 'save it as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8 old.srt > new.srt';
    throw refuse(`${typed} is not in UTF-8, and nothing in it says in which other encoding`, way);
  } finally {
    stream.destroy();
  }
}

async function examine(
  session: Pick<Session, 'cwd'>,
  typed: string,
  ffprobe: string,
  signal: AbortSignal,
): Promise<SubtitleFile> {
  const info = await stat(resolve(session.cwd, typed)).catch(() => undefined);
  if (!info) throw refuse(`'${typed}' is not ${SUBTITLES_WANTED}`, 'Looked for it in the current folder.', 'USAGE');
  const path = await openSource(typed, session.cwd);
  if (info.size > MOST_BYTES) throw refuse(`${typed} is too large for a subtitle file`, 'Give an .srt, .ass or .vtt.');
  await requireUnicode(path, typed);
  const media = await probeMedia(ffprobe, path, { signal, scan: 'never' }).catch((error: unknown) => {
    signal.throwIfAborted();
    if (error instanceof SgError && error.code === 'TOOLCHAIN') throw error;
    return undefined;
  });
  const [track] = media?.subtitles ?? [];
  if (!media || !track || track.bitmap || !FORMATS.includes(media.format)) {
    throw refuse(`${typed} cannot be read as text subtitles`, 'Give an .srt, .ass, .ssa or .vtt file.');
  }
  return { path, sha256: await sha256File(path, { signal }), format: media.format, track };
}

/** What `--subtitles FILE` names, looked at like a source; what is wrong with it is a finding. */
export async function readSubtitleFile(
  session: Pick<Session, 'cwd'>,
  { subtitles }: OptionValues,
  ffprobe: string,
  signal: AbortSignal,
): Promise<{ readonly file?: SubtitleFile; readonly issues: readonly Issue[] }> {
  if (subtitles?.kind !== 'file') return { issues: [] };
  try {
    return { file: await examine(session, subtitles.path, ffprobe, signal), issues: [] };
  } catch (error) {
    if (!(error instanceof SgError) || (error.code !== 'INPUT' && error.code !== 'USAGE')) throw error;
    const { message, hint, code: exit } = error;
    return { issues: [{ severity: 'error', code: 'bad_subtitles', message, path: '--subtitles', hint, exit }] };
  }
}
