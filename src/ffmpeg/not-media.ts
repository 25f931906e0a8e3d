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

/** The first box of an MP4 or MOV file: without one, a missing index only means that it never was such a file. */
const FIRST_BOX = /^[\s\S]{4}(?:ftyp|moov|mdat|wide|free|skip|pnot|uuid)/;

/**
 * One clear sentence for a file that ffprobe could not read, from its first 4 kB and what ffprobe said. A list
 * of other files is told apart; nothing that it names was opened.
 */
export async function unreadableError(path: string, stderr: string): Promise<SgError> {
  const head = await readHead(path).catch(() => '');
  const text = head.replace(/^\u00ef\u00bb\u00bf/, '').trimStart();
  const list = LISTS.find(({ starts }) => starts.test(text))?.kind;
  if (list !== undefined) {
    const message = `${path} is ${list}: it names other files, and sg-export reads one local media file`;
    return new SgError('INPUT', message, {
      hint: 'Give the media file itself; nothing that the list names was opened.',
    });
  }
  return notMediaError(path, stderr, head);
}

async function readHead(path: string): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** No control characters but white space. */
function isText(head: string): boolean {
  return head !== '' && !/[^\t\n\f\r\x20-\uffff]/.test(head);
}

function notMediaError(path: string, stderr: string, head: string): SgError {
  const fail = (message: string, hint: string): SgError => new SgError('INPUT', `${path} ${message}`, { hint });
  if (isText(head)) return fail('is a text file, not media', 'Give a video file.');
  if (/moov atom not found/.test(stderr) && FIRST_BOX.test(head)) {
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
