import { open } from 'node:fs/promises';

const HEAD_BYTES = 256;
/** RFC 8794, section 11.2.7: DocType. */
const DOC_TYPE = Buffer.from([0x42, 0x82]);

/** `webm` or `matroska`, by the EBML header: ffmpeg calls both the same. Undefined where there is none. */
export async function ebmlDocType(file: string): Promise<string | undefined> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return docTypeIn(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

export function docTypeIn(head: Buffer): string | undefined {
  if (head.length < 4 || head.readUInt32BE(0) !== 0x1a45dfa3) return undefined;
  const at = head.indexOf(DOC_TYPE);
  // One byte with its highest bit set is a length of up to 126: longer names of formats there are none.
  const length = at < 0 ? 0 : (head[at + 2] ?? 0) & 0x7f;
  return length === 0 ? undefined : head.toString('latin1', at + 3, at + 3 + length).replace(/\0+$/, '');
}
