import type { Encryption, ImageTrack, TrackRole, VideoRange } from './package.ts';
import { type Element, element } from './xml-text.ts';

const scheme = (name: string, schemeIdUri: string, value: string | number): Element =>
  element(name, [
    ['schemeIdUri', schemeIdUri],
    ['value', value],
  ]);

/** Roles of ISO/IEC 23009-1, 5.8.5.5. */
const ROLES: Readonly<Record<TrackRole | 'subtitle', string>> = {
  main: 'main',
  alternate: 'alternate',
  commentary: 'commentary',
  description: 'description',
  caption: 'caption',
  forced: 'forced-subtitle',
  subtitle: 'subtitle',
};

export const role = (name: TrackRole | 'subtitle'): Element => scheme('Role', 'urn:mpeg:dash:role:2011', ROLES[name]);

/** Layouts of ISO/IEC 23091-3 whose number is not their count of channels: 6.1 and 7.1 as ffmpeg makes them. */
const LAYOUT_OF_CHANNELS: Readonly<Record<number, number>> = { 7: 11, 8: 12 };

export function audioChannels(channels: number): Element {
  const layout = LAYOUT_OF_CHANNELS[channels];
  return layout === undefined
    ? scheme('AudioChannelConfiguration', 'urn:mpeg:dash:23003:3:audio_channel_configuration:2011', channels)
    : scheme('AudioChannelConfiguration', 'urn:mpeg:mpegB:cicp:ChannelConfiguration', layout);
}

/** HDR is told by the code points of ISO/IEC 23091-2, essential: a player that cannot show it must pass the set over. */
export function transferCharacteristics(range: VideoRange | undefined): readonly Element[] {
  if (range === undefined || range === 'SDR') return [];
  return [
    scheme('EssentialProperty', 'urn:mpeg:mpegB:cicp:ColourPrimaries', 9),
    scheme('EssentialProperty', 'urn:mpeg:mpegB:cicp:TransferCharacteristics', range === 'PQ' ? 16 : 18),
    scheme('EssentialProperty', 'urn:mpeg:mpegB:cicp:MatrixCoefficients', 9),
  ];
}

/** Common encryption and its key's id; which system holds the key is between the player's page and its server. */
export function contentProtection(encryption: Encryption | undefined): readonly Element[] {
  if (encryption?.method !== 'cenc') return [];
  const id = encryption.kid.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const mark = element('ContentProtection', [
    ['schemeIdUri', 'urn:mpeg:dash:mp4protection:2011'],
    ['value', 'cenc'],
    ['cenc:default_KID', id],
  ]);
  return [mark];
}

/** Columns and rows of each sheet, as the guidelines of DASH-IF say it. */
export const tileLayout = ({ columns, rows }: ImageTrack): Element =>
  scheme('EssentialProperty', 'http://dashif.org/guidelines/thumbnail_tile', `${columns}x${rows}`);
