import type { Verification } from '../model/events.ts';
import type { MediaInfo } from '../model/media.ts';
import type { Plan } from '../model/plan.ts';
import type { MeasuredQuality, PacketSize } from '../model/quality.ts';
import { formatBytes, formatTime } from '../model/units.ts';
import { bitrateCurve } from './bitrate.ts';
import { bitrateTiles, qualityTiles, sizeTile } from './figures.ts';
import { type Report, reportPage, type Setting, type Tile, type WorstPair } from './page.ts';

export interface ExportParts {
  readonly plan: Plan;
  readonly media: MediaInfo;
  /** Of the output. */
  readonly bytes: number;
  /** Undefined where it was verified when it was made, some time ago. */
  readonly verification: Verification | undefined;
  readonly warnings: readonly string[];
  /** Undefined where the picture was copied. */
  readonly quality: MeasuredQuality | undefined;
  readonly vmafModel: string | undefined;
  readonly worst: readonly WorstPair[];
  /** Of the output's picture. */
  readonly packets: readonly PacketSize[];
  readonly made: string;
}

export const nameOf = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

function valueText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, one]) => `${key.replaceAll('_', ' ')} ${valueText(one)}`)
    .join(', ');
}

/** What was decided; what nobody set and what is off says nothing. */
function settingsOf({ settings, settingsFrom }: Plan): readonly Setting[] {
  return Object.entries(settings).flatMap(([key, value]) => {
    const from = settingsFrom[key] ?? 'default';
    const silent = value === undefined || value === null || (from === 'default' && value === false);
    return silent ? [] : [{ name: key.replaceAll('_', ' '), value: valueText(value), from }];
  });
}

function verifiedTile(verification: Verification | undefined): Tile {
  if (!verification) return { name: 'Verified', value: 'before', remark: 'when it was made' };
  const { ok, checks } = verification;
  if (checks.length === 0) return { name: 'Verified', value: 'no', remark: '--verify off' };
  return { name: 'Verified', value: ok ? 'yes' : 'no', remark: `${checks.length} checks` };
}

/** What is told of one delivery. */
export function exportedReport(parts: ExportParts): Report {
  const { plan, media, quality, verification } = parts;
  const { settings, destination } = plan;
  const lengthSec = plan.expectation.durationSec;
  const bitrate = bitrateCurve(parts.packets, lengthSec);
  const source = media.video.find(({ attachedPicture }) => !attachedPicture);
  const sourceAbout = source ? `${source.codec}, ${source.width}×${source.height}, ${source.pixelFormat}, ` : '';
  return {
    kind: 'Export by sg-export',
    title: nameOf(destination),
    films: [
      { role: 'Source', path: plan.source, about: `${sourceAbout}${formatBytes(media.bytes)}` },
      {
        role: 'Output',
        path: destination,
        about: `${settings.video_codec}, ${settings.width}×${settings.height}, ${settings.frame_rate} fps, ${settings.pixel_format}, ${formatTime(lengthSec)}, ${formatBytes(parts.bytes)}`,
      },
    ],
    tiles: [
      verifiedTile(verification),
      ...(quality ? qualityTiles(quality, parts.vmafModel) : []),
      sizeTile(parts.bytes, media.bytes),
      ...bitrateTiles(bitrate.kbps),
    ],
    notes: [
      ...parts.warnings,
      ...(quality
        ? ['the output is compared with the source as it should look: cut, scaled and coloured by the same filters']
        : ['the picture was copied: there is nothing to compare']),
    ],
    quality,
    worst: parts.worst,
    bitrate: { of: 'the output', ...bitrate },
    lengthSec,
    settings: settingsOf(plan),
    verification,
    made: parts.made,
  };
}

/** The page of `export --report`. */
export const exportReport = (parts: ExportParts): string => reportPage(exportedReport(parts));
