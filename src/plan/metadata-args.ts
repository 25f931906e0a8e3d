import type { MediaInfo } from '../model/media.ts';
import { renamedLanguage } from './languages.ts';
import { placeTags } from './place-tags.ts';
import type { ResolvedExport } from './resolved.ts';
import { encodesStripped } from './strip.ts';

/** Chapters, tags, languages, dispositions and timecode. */
export function metadataArgs(resolved: ResolvedExport, media: MediaInfo): readonly string[] {
  const { extras, audio, video } = resolved;
  const chapters = extras.chapters === 'shift' ? '1' : extras.chapters === 'keep' ? '0' : '-1';
  const args = ['-map_chapters', chapters];
  if (extras.metadata === 'strip') {
    return [
      ...args,
      '-map_metadata',
      '-1',
      '-map_metadata:s',
      encodesStripped(resolved) ? '1:s:0' : '-1',
      '-fflags',
      '+bitexact',
      '-flags:v',
      '+bitexact',
      '-flags:a',
      '+bitexact',
    ];
  }
  const tags = extras.metadata === 'drop-location' ? placeTags(media).flatMap((tag) => ['-metadata', `${tag}=`]) : [];
  const dispositions =
    audio.length > 1 && !audio.some((track) => track.isDefault) ? ['-disposition:a:0', 'default'] : [];
  const timecode = extras.timecode
    ? ['-timecode', extras.timecode]
    : resolved.container === 'mov' || resolved.container === 'mp4'
      ? ['-write_tmcd', '0']
      : [];
  return [
    ...args,
    '-map_metadata',
    '0',
    ...tags,
    ...languageArgs(resolved, media),
    ...dispositions,
    ...timecode,
    ...(video.codec === 'copy' ? [] : ['-metadata:s:v:0', 'encoder=']),
  ];
}

/** Languages that the container's writer knows by another name. */
function languageArgs({ audio, subtitles, container }: ResolvedExport, media: MediaInfo): readonly string[] {
  const args = (kind: 'a' | 's', languages: readonly (string | undefined)[]) =>
    languages.flatMap((language, n) => {
      const name = renamedLanguage(container, language);
      return name === undefined ? [] : [`-metadata:s:${kind}:${n}`, `language=${name}`];
    });
  const texts = subtitles.map(({ index }) => media.subtitles.find((track) => track.index === index)?.language);
  return [
    ...args(
      'a',
      audio.map(({ language }) => language),
    ),
    ...args('s', texts),
  ];
}
