import { open } from 'node:fs/promises';
import { SgError } from '../model/errors.ts';

const HEAD_BYTES = 4096;

/** Lists that name other files or hosts, by their first words; a byte order mark and white space may come first. */
const LISTS: readonly { readonly starts: RegExp; readonly kind: string }[] = [
  { starts: /^#EXTM3U/, kind: 'an HLS or M3U playlist' },
  { starts: /^ffconcat version/, kind: 'an ffconcat list' },
  { starts: /^(?:<\?xml[^>]*>\s*|<!--[\s\S]*?-->\s*)*<(?:\w+:)?MPD[\s>]/, kind: 'a DASH manifest' },
  {
    starts: /^(?:<\?xml[^>]*>\s*)?<(?:\w+:)?(?:smil|asx|playlist|CompositionPlaylist|AssetMap)[\s>]/i,
    kind: 'a playlist',
  },
  { starts: /^\[playlist\]/i, kind: 'a playlist' },
  { starts: /^v=0\r?\n(?:o|s|c|t|m)=/, kind: 'a session description (SDP)' },
];

/** What a file is when it is a list of other files; undefined for anything else. Reads its first 4 kB. */
export async function listKindOf(path: string): Promise<string | undefined> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const head = buffer.toString('utf8', 0, bytesRead).replace(/^\ufeff?\s*/, '');
    return LISTS.find((list) => list.starts.test(head))?.kind;
  } finally {
    await handle.close();
  }
}

export function listError(path: string, kind: string): SgError {
  return new SgError('INPUT', `${path} is ${kind}: it names other files, and sg-export reads one local media file`, {
    hint: 'Give the media file itself; nothing that the list names was opened.',
  });
}

/** One clear sentence for what ffprobe said of a file that it could not read. */
export function unreadableError(path: string, stderr: string): SgError {
  const fail = (message: string, hint: string): SgError => new SgError('INPUT', `${path} ${message}`, { hint });
  if (/moov atom not found/.test(stderr)) {
    return fail('is cut off, or still being written: its index (the moov atom) is missing', 'Copy it again in full.');
  }
  const refused = /\[(\w+)[^\]]*\] Format not on whitelist/.exec(stderr)?.[1];
  if (refused !== undefined) {
    const picture = /_pipe$|^image2$|^ico$/.test(refused);
    if (picture) return fail('is a still picture, not a film', 'Give a video file.');
    return fail(`is not a media file that sg-export reads (ffmpeg takes it for "${refused}")`, 'Give a video file.');
  }
  if (/Permission denied/.test(stderr)) return fail('cannot be read: you are not allowed to', 'Check its permissions.');
  if (/EBML header parsing failed|End of file/.test(stderr)) {
    return fail('is cut off or damaged: ffmpeg cannot read its header', 'Copy it again in full.');
  }
  const said = stderr.split('\n').find((line) => line.trim() !== '');
  return fail('is not media that ffmpeg can read', said ? `ffprobe says: ${said.trim()}` : 'Give a video file.');
}
