import * as z from 'zod';
import { SgError } from '../model/errors.ts';
import { runTool } from './spawn.ts';

/** A picture that stands alone, as it was decoded. */
export interface DecodedPicture {
  readonly width: number;
  readonly height: number;
  /** What the decoder said of it; undefined where all is well. */
  readonly complaint: string | undefined;
}

/** What reads the pictures that web pages show, by their content. */
const PICTURE_FORMATS = ['jpeg_pipe', 'png_pipe', 'webp_pipe'];
const TIMEOUT_SEC = 60;

const answer = z.looseObject({
  streams: z
    .array(z.looseObject({ width: z.number(), height: z.number(), nb_read_frames: z.string().optional() }))
    .min(1),
});

function readAnswer(text: string) {
  try {
    return answer.safeParse(JSON.parse(text)).data?.streams[0];
  } catch {
    return undefined;
  }
}

/** Decodes the picture in a file. Undefined where it is none. Throws SgError TOOLCHAIN, and the signal's reason on abort. */
export async function decodePicture(
  ffprobe: string,
  file: string,
  signal: AbortSignal,
): Promise<DecodedPicture | undefined> {
  const result = await runTool({
    program: ffprobe,
    args: [
      // Of whole pictures too it warns of a missing end (5.1.9), so that only errors count.
      ...['-v', 'error', '-protocol_whitelist', 'file', '-format_whitelist', PICTURE_FORMATS.join(',')],
      ...['-count_frames', '-select_streams', 'v:0', '-show_entries', 'stream=width,height,nb_read_frames'],
      ...['-of', 'json', '-i', `file:${file}`],
    ],
    signal,
    timeoutSec: TIMEOUT_SEC,
  });
  signal.throwIfAborted();
  if (result.outcome === 'not-started') {
    throw new SgError('TOOLCHAIN', `ffprobe cannot be run: ${result.reason}`, { hint: 'Try: sg-export doctor' });
  }
  const picture = result.exitCode === 0 ? readAnswer(result.stdout) : undefined;
  if (!picture) return undefined;
  const { width, height, nb_read_frames: frames } = picture;
  const [line] = result.stderr.trim().split('\n');
  const none = frames === '1' ? undefined : 'no picture could be decoded';
  return { width, height, complaint: line ? line.replace(/^\[[^\]]*\] */, '') : none };
}
