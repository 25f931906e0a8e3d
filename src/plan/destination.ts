import { posix, win32 } from 'node:path';
import { resolutionRow } from '../codecs/resolutions.ts';
import type { Issue } from '../model/errors.ts';
import type { MediaInfo } from '../model/media.ts';
import type { OptionValues, QualityLevel } from '../model/option-values.ts';
import { formatRational } from '../model/rational.ts';
import { formatBytes } from '../model/units.ts';
import { DEFAULT_NAME, type Moment, nameOutput } from './naming.ts';
import type { ResolvedVideo } from './resolved.ts';
import type { Target } from './target.ts';

/** Where the output goes: a file as typed, or a folder in which it gets its name. Absolute paths. */
export type Destination =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string };

const basename = (path: string): string => (path.includes('\\') && !path.includes('/') ? win32 : posix).basename(path);
/** A file name's extension without its dot; a name that is all extension has none. */
export const extensionOf = (path: string): string | undefined => {
  const match = /\.([^./\\]+)$/.exec(basename(path));
  return match?.[1] && !basename(path).startsWith(`.${match[1]}`) ? match[1] : undefined;
};

function resolutionLabel(values: OptionValues, width: number, height: number): string {
  const spec = values.resolution;
  if (spec?.kind === 'name') return resolutionRow(spec.id)?.id ?? spec.id;
  return spec?.kind === 'exact' ? `${spec.width}x${spec.height}` : `${Math.min(width, height)}p`;
}

function qualityLabel(values: OptionValues, video: ResolvedVideo, quality: QualityLevel): string {
  if (video.codec === 'copy') return 'copy';
  if (values.targetSize !== undefined) return formatBytes(values.targetSize).replaceAll(' ', '');
  if (values.crf !== undefined && video.rate.mode === 'crf') return `crf${values.crf}`;
  if (values.bitrate !== undefined && video.rate.mode !== 'crf') return `${values.bitrate}k`;
  return quality;
}

/** What a name can be made of: the request, and what was decided for it. */
export interface Named {
  readonly media: MediaInfo;
  readonly values: OptionValues;
  readonly target: Target;
  readonly video: ResolvedVideo;
  readonly quality: QualityLevel;
  readonly now: Moment;
}

/** The output's path: the file as typed, or the naming pattern filled, in its folder. */
export function destinationPath(
  destination: Destination,
  { media, values, target, video, quality, now }: Named,
): { readonly path: string; readonly issues: readonly Issue[] } {
  if (destination.kind === 'file') return { path: destination.path, issues: [] };
  const named = nameOutput(values.name ?? DEFAULT_NAME, {
    name: basename(media.path).replace(/\.[^.]+$/, '') || basename(media.path),
    resolution: resolutionLabel(values, video.geometry.width, video.geometry.height),
    codec: video.codec,
    quality: qualityLabel(values, video, quality),
    preset: values.preset ?? 'none',
    platform: values.platform ?? 'none',
    width: String(video.geometry.width),
    height: String(video.geometry.height),
    fps: video.frameRate ? formatRational(video.frameRate).replace('/', '-') : 'source',
    now,
  });
  const path = `${destination.path.replace(/[\\/]$/, '')}/${named.name}.${target.container.extensions[0]}`;
  return { path, issues: named.issues };
}
