import { createCipheriv, randomBytes } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { openPackageFolder, type PackageFolder, writerBelow } from '../files/package-folder.ts';
import type { Protection } from '../packaging/common-encryption.ts';
import type { Encryption, MediaTrack, Segment } from '../packaging/package.ts';
import type { PlannedPackage } from './planned-package.ts';

/** HLS' default: the place of the segment in its playlist, so that no two of a track begin alike. */
function ivOf(sequence: number): Buffer {
  const iv = Buffer.alloc(16);
  iv.writeBigUInt64BE(BigInt(sequence), 8);
  return iv;
}

function encrypt(bytes: Uint8Array, key: Buffer, sequence: number): Buffer {
  const cipher = createCipheriv('aes-128-cbc', key, ivOf(sequence));
  return Buffer.concat([cipher.update(bytes), cipher.final()]);
}

/** Segments of one file, each encrypted by itself, behind the header. Their new places are left in `moved`. */
async function* encryptedFile(
  files: PackageFolder,
  track: MediaTrack,
  own: readonly (readonly [segment: Segment, sequence: number])[],
  key: Buffer,
  moved: Segment[],
): AsyncGenerator<Buffer> {
  const { init } = track;
  const path = own[0]?.[0].path ?? '';
  let offset = 0;
  if (init?.path === path) {
    const header = Buffer.from(await files.read(path, init.range));
    offset = header.length;
    yield header;
  }
  for (const [segment, sequence] of own) {
    const part = encrypt(await files.read(path, segment.range), key, sequence);
    const range = segment.range && { range: { offset, length: part.length } };
    moved.push({ ...segment, ...range, bytes: part.length });
    offset += part.length;
    yield part;
  }
}

/**
 * Encrypts the segments of a track in place, as HLS' AES-128 has it (RFC 8216, 4.3.2.4): each whole and by itself, the
 * header in the clear. An index of byte ranges would point into what nobody can read: it goes.
 */
export async function encryptTrack<T extends MediaTrack>(
  folder: string,
  track: T,
  key: Buffer,
  keyUri: string,
): Promise<T> {
  const files = await openPackageFolder(folder, folder);
  const write = writerBelow(folder);
  const moved: Segment[] = [];
  for (const path of new Set(track.segments.map((segment) => segment.path))) {
    const own = track.segments.flatMap((segment, n) => (segment.path === path ? [[segment, n] as const] : []));
    await write(`${path}.part`, encryptedFile(files, track, own, key, moved));
    await rename(join(folder, `${path}.part`), join(folder, path));
  }
  return {
    ...track,
    index: undefined,
    segments: moved,
    encryption: { method: 'aes-128', keyUri, iv: undefined },
  };
}

/** How a track's samples are encrypted where `cenc` is asked for; undefined where not. Each track has counters of its own. */
export function protectionOf(
  { ladder, key, keyId }: PlannedPackage,
  units: Protection['units'],
): Protection | undefined {
  if (!key || ladder.encryption?.method !== 'cenc') return undefined;
  return {
    kid: keyId,
    firstIv: randomBytes(8).readBigUInt64BE(),
    cipher: (counter) => {
      const cipher = createCipheriv('aes-128-ctr', key, counter);
      return (bytes) => cipher.update(bytes);
    },
    units,
  };
}

/** What playlists and manifests say of it. */
export function commonEncryption({ ladder, keyId }: PlannedPackage): Encryption | undefined {
  const { encryption } = ladder;
  if (encryption?.method !== 'cenc') return undefined;
  return { method: 'cenc', kid: keyId.toString('hex'), keyUri: encryption.keyUri };
}
