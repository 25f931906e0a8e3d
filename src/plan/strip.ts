import type { ResolvedExport } from './resolved.ts';

/**
 * ffmpeg names its encoder in every stream that it makes, and has no option against it: but where the stream has such a tag
 * already, it is left alone, and an empty one is written nowhere but in Matroska (5.1.9). An option cannot make a tag
 * empty; a file of metadata can.
 */
export const NAMELESS = { file: 'nameless.ffmeta', text: ';FFMETADATA1\n[STREAM]\nencoder=\n' } as const;

/** Whether something is encoded of which nothing shall be said. */
export const encodesStripped = ({ extras, video, audio, subtitles }: ResolvedExport): boolean =>
  extras.metadata === 'strip' && [video, ...audio, ...subtitles].some(({ encoder }) => encoder !== 'copy');
