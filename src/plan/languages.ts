import type { ContainerRow } from '../codecs/containers.ts';

/**
 * QuickTime counts languages by a list of its own, and of the names of ISO 639-2 ffmpeg knows one each there
 * (libavformat/isom.c): a language under its other name would be lost. Measured with 5.1.9, each of them.
 */
const QUICKTIME: Readonly<Record<string, string>> = {
  cze: 'ces',
  cym: 'wel',
  deu: 'ger',
  ell: 'gre',
  fas: 'per',
  fre: 'fra',
  hye: 'arm',
  isl: 'ice',
  kat: 'geo',
  mkd: 'mac',
  msa: 'may',
  mya: 'bur',
  nld: 'dut',
  nob: 'nor',
  rum: 'ron',
  slo: 'slk',
  sqi: 'alb',
  swe: 'sve',
  zho: 'chi',
  bod: 'tib',
};

/** The language by the name that this container's writer knows, where it is another one. */
export function renamedLanguage(container: ContainerRow['id'], language: string | undefined): string | undefined {
  return container === 'mov' && language !== undefined ? QUICKTIME[language] : undefined;
}
