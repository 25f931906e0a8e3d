import type { MediaInfo } from '../model/media.ts';

/** Tags of publishing platforms' concern: where a film was shot and with what. */
const PLACE_TAGS = [
  'location',
  'location-eng',
  'com.apple.quicktime.location.ISO6709',
  'com.apple.quicktime.make',
  'com.apple.quicktime.model',
  'com.apple.quicktime.software',
  'com.android.manufacturer',
  'com.android.model',
  'make',
  'model',
];

/** Names of tags are alike in small and capital letters, to ffmpeg too: Matroska says LOCATION. */
const hasTag = (media: MediaInfo, tag: string): boolean =>
  [media.tags, ...media.video.map((v) => v.tags), ...media.audio.map((a) => a.tags)].some((tags) =>
    Object.keys(tags).some((key) => key.toLowerCase() === tag.toLowerCase()),
  );

/** The tags of a source that say where it was shot, and with what. */
export const placeTags = (media: MediaInfo): readonly string[] => PLACE_TAGS.filter((tag) => hasTag(media, tag));
