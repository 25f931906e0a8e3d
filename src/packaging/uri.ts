import { posix } from 'node:path';

/** A path of the package as a playlist in another folder of it names it: relative, percent-encoded (RFC 3986). */
export function uriFrom(playlist: string, path: string): string {
  const relative = posix.relative(posix.dirname(playlist), path);
  return relative.split('/').map(encodeURIComponent).join('/');
}

/** Where a URI of a playlist leads: a path inside the package, or why it is none. */
export type Reach =
  | { readonly kind: 'inside'; readonly path: string }
  | { readonly kind: 'outside'; readonly reason: 'remote' | 'absolute' | 'upwards' | 'malformed' };

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/**
 * Resolves a URI against the playlist that names it. Queries and fragments are a server's business and are left out; what
 * leads out of the package (another host, an absolute path, `..` beyond the top, also when percent-encoded) is said.
 */
export function resolveUri(playlist: string, uri: string): Reach {
  if (SCHEME.test(uri) || uri.startsWith('//')) return { kind: 'outside', reason: 'remote' };
  let decoded: string;
  try {
    decoded = decodeURIComponent(uri.replace(/[?#].*$/s, ''));
  } catch {
    return { kind: 'outside', reason: 'malformed' };
  }
  if (decoded === '' || decoded.includes('\0') || decoded.includes('\\'))
    return { kind: 'outside', reason: 'malformed' };
  if (decoded.startsWith('/')) return { kind: 'outside', reason: 'absolute' };
  const path = posix.normalize(posix.join(posix.dirname(playlist), decoded));
  if (path === '..' || path.startsWith('../')) return { kind: 'outside', reason: 'upwards' };
  return { kind: 'inside', path };
}
