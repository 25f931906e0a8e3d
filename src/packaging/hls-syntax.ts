import type { ByteRange, Encryption, Resource } from './package.ts';
import { uriFrom } from './uri.ts';

/** One attribute; undefined values are left out. */
export type Attribute = readonly [name: string, value: string | undefined];

/** A quoted string, which has no escapes (RFC 8216, 4.2): what would end it is replaced. */
export const quoted = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : `"${text.replaceAll('"', "'").replaceAll(/[\r\n]+/g, ' ')}"`;

/** `#EXT-X-MEDIA:TYPE=AUDIO,NAME="English"`. */
export function tag(name: string, attributes: readonly Attribute[]): string {
  const given = attributes.filter(([, value]) => value !== undefined);
  return `#${name}:${given.map(([key, value]) => `${key}=${value}`).join(',')}`;
}

/** `length@offset`. */
export const byteRange = ({ length, offset }: ByteRange): string => `${length}@${offset}`;

export function mapTag(playlist: string, init: Resource): string {
  return tag('EXT-X-MAP', [
    ['URI', quoted(uriFrom(playlist, init.path))],
    ['BYTERANGE', init.range && quoted(byteRange(init.range))],
  ]);
}

/** Undefined where nothing is encrypted, or where a player finds the key by its id alone. */
export function keyTag(encryption: Encryption | undefined): string | undefined {
  if (!encryption?.keyUri) return undefined;
  const wholeSegments = encryption.method === 'aes-128';
  return tag('EXT-X-KEY', [
    ['METHOD', wholeSegments ? 'AES-128' : 'SAMPLE-AES-CTR'],
    ['URI', quoted(encryption.keyUri)],
    ['IV', wholeSegments && encryption.iv ? `0x${encryption.iv}` : undefined],
  ]);
}
