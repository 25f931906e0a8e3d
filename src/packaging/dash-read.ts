import { parseRational, type Rational, rational } from '../model/rational.ts';
import { type DashAddresses, readAddresses } from './dash-segments.ts';
import type { VideoRange } from './package.ts';
import { readPair, type Tiles } from './tiles.ts';
import { readXml, type XmlNode } from './xml-read.ts';

/** One Representation with all that it inherits. */
export interface DashRepresentation {
  readonly id: string;
  /** Which AdaptationSet of which Period, counted from 0: rungs of one set must be aligned. */
  readonly set: string;
  readonly contentType: string;
  readonly mimeType: string;
  /** Undefined where it does not say. */
  readonly codecs: string | undefined;
  readonly bandwidth: number | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly frameRate: Rational | undefined;
  readonly sampleRate: number | undefined;
  readonly channels: number | undefined;
  readonly videoRange: VideoRange | undefined;
  readonly isProtected: boolean;
  /** `default_KID` as 32 hex digits; undefined where none is said. */
  readonly keyId: string | undefined;
  /** Of sheets of thumbnails. */
  readonly tiles: Tiles | undefined;
  readonly addresses: DashAddresses;
  readonly periodSec: number | undefined;
}

export interface DashManifest {
  readonly isStatic: boolean;
  readonly durationSec: number | undefined;
  readonly minBufferSec: number | undefined;
  readonly representations: readonly DashRepresentation[];
  /** What breaks the schema or the standard. */
  readonly faults: readonly string[];
}

/** `PT1H2M3.5S` in seconds; undefined for anything else, months and years too. */
export function readDuration(text: string | undefined): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(text ?? '');
  if (!match || text === 'P') return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return days * 86400 + hours * 3600 + minutes * 60 + seconds;
}

const childrenOf = (node: XmlNode, name: string): readonly XmlNode[] =>
  node.children.filter((child) => child.name === name);

/** A manifest of ISO/IEC 23009-1; a sentence where it is none. */
export function readManifest(text: string): DashManifest | string {
  const root = readXml(text);
  if (typeof root === 'string') return root;
  if (root.name !== 'MPD') return `its root is ${root.name}, not MPD`;
  const durationSec = readDuration(root.attributes.get('mediaPresentationDuration'));
  const periods = childrenOf(root, 'Period');
  const representations = periods.flatMap((period, index) => {
    const alone = periods.length === 1 ? durationSec : undefined;
    return readPeriod(root, period, index, readDuration(period.attributes.get('duration')) ?? alone);
  });
  return {
    isStatic: (root.attributes.get('type') ?? 'static') === 'static',
    durationSec,
    minBufferSec: readDuration(root.attributes.get('minBufferTime')),
    representations,
    faults: [...manifestFaults(root, representations), ...representations.flatMap(({ addresses }) => addresses.faults)],
  };
}

function manifestFaults(root: XmlNode, representations: readonly DashRepresentation[]): readonly string[] {
  const { attributes } = root;
  const faults: string[] = [];
  if (attributes.get('xmlns') !== 'urn:mpeg:dash:schema:mpd:2011')
    faults.push('its namespace is not urn:mpeg:dash:schema:mpd:2011');
  if (!attributes.has('profiles')) faults.push('its MPD has no profiles');
  if (readDuration(attributes.get('minBufferTime')) === undefined) faults.push('its MPD has no minBufferTime');
  const isStatic = (attributes.get('type') ?? 'static') === 'static';
  if (isStatic && readDuration(attributes.get('mediaPresentationDuration')) === undefined)
    faults.push('its MPD has no mediaPresentationDuration');
  if (representations.length === 0) faults.push('it has no Representation');
  for (const { id, bandwidth, mimeType } of representations) {
    if (id === '') faults.push('a Representation has no id');
    if (bandwidth === undefined) faults.push(`its Representation ${id} has no bandwidth`);
    if (mimeType === '') faults.push(`its Representation ${id} has no mimeType`);
  }
  const ids = representations.map(({ id, set }) => `${set.split('.')[0]} ${id}`);
  if (new Set(ids).size < ids.length) faults.push('two of its Representations have the same id');
  return faults;
}

function readPeriod(
  root: XmlNode,
  period: XmlNode,
  index: number,
  periodSec: number | undefined,
): readonly DashRepresentation[] {
  return childrenOf(period, 'AdaptationSet').flatMap((set, at) =>
    childrenOf(set, 'Representation').map((representation) =>
      readRepresentation([root, period, set, representation], `${index}.${at}`, periodSec),
    ),
  );
}

/** @param line from the MPD down to the Representation: what is nearest wins. */
function readRepresentation(line: readonly XmlNode[], set: string, periodSec: number | undefined): DashRepresentation {
  const nearest = [...line].reverse();
  const own = nearest.slice(0, 2);
  const attribute = (name: string) => own.map((node) => node.attributes.get(name)).find((value) => value !== undefined);
  const number = (name: string) => {
    const value = Number(attribute(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  const described = (name: string) => own.flatMap((node) => childrenOf(node, name));
  const id = nearest[0]?.attributes.get('id') ?? '';
  const mimeType = attribute('mimeType') ?? '';
  const [width, height] = [number('width'), number('height')];
  return {
    ...{ id, set, mimeType, periodSec, width, height },
    contentType: attribute('contentType') ?? mimeType.replace(/\/.*$/s, ''),
    codecs: attribute('codecs'),
    bandwidth: number('bandwidth'),
    frameRate: frameRateOf(attribute('frameRate')),
    sampleRate: number('audioSamplingRate'),
    channels: channelsOf(described('AudioChannelConfiguration')),
    videoRange: rangeOf([...described('EssentialProperty'), ...described('SupplementalProperty')]),
    tiles: tilesOf(described('EssentialProperty'), width, height),
    isProtected: described('ContentProtection').length > 0,
    keyId: keyIdOf(described('ContentProtection')),
    addresses: readAddresses(line, { id, bandwidth: number('bandwidth') ?? 0, periodSec }),
  };
}

const frameRateOf = (text: string | undefined): Rational | undefined =>
  /^\d+$/.test(text ?? '') ? rational(Number(text)) : parseRational(text);

/** Counts of ISO/IEC 23091-3's layouts, by their number. */
const CICP_CHANNELS = [undefined, 1, 2, 3, 4, 5, 6, 8, 2, 3, 4, 7, 8, 24, 8, 12, 10, 12, 14, 12, 14];

function channelsOf(descriptors: readonly XmlNode[]): number | undefined {
  for (const { attributes } of descriptors) {
    const [scheme = '', value = ''] = [attributes.get('schemeIdUri'), attributes.get('value')];
    if (scheme === 'urn:mpeg:dash:23003:3:audio_channel_configuration:2011' && /^\d+$/.test(value))
      return Number(value);
    if (scheme === 'urn:mpeg:mpegB:cicp:ChannelConfiguration') return CICP_CHANNELS[Number(value)];
  }
  return undefined;
}

function rangeOf(properties: readonly XmlNode[]): VideoRange | undefined {
  const transfer = properties.find(
    ({ attributes }) => attributes.get('schemeIdUri') === 'urn:mpeg:mpegB:cicp:TransferCharacteristics',
  );
  if (!transfer) return undefined;
  const value = transfer.attributes.get('value');
  return value === '16' ? 'PQ' : value === '18' ? 'HLG' : 'SDR';
}

/** As the guidelines of DASH-IF write it, in either of their addresses. */
const TILE_SCHEMES = ['http://dashif.org/guidelines/thumbnail_tile', 'http://dashif.org/thumbnail_tile'];

/** The Representation's size is that of a whole sheet. */
function tilesOf(
  properties: readonly XmlNode[],
  width: number | undefined,
  height: number | undefined,
): Tiles | undefined {
  const property = properties.find(({ attributes }) => TILE_SCHEMES.includes(attributes.get('schemeIdUri') ?? ''));
  const layout = readPair(property?.attributes.get('value'));
  if (!layout) return undefined;
  const [columns, rows] = layout;
  return { columns, rows, width: width && width / columns, height: height && height / rows, sec: undefined };
}

/** Common encryption's own attribute, whatever its prefix. */
function keyIdOf(descriptors: readonly XmlNode[]): string | undefined {
  const attributes = descriptors.flatMap((one) => [...one.attributes]);
  const [, kid] = attributes.find(([name]) => name.replace(/^.*:/, '') === 'default_KID') ?? [];
  return kid?.replaceAll('-', '').toLowerCase();
}
