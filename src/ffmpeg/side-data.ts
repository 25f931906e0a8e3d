import type { HdrMetadata, MasteringDisplay } from '../model/media.ts';
import type { ProbedSideData } from './probe-schema.ts';

export interface Orientation {
  readonly rotation: 0 | 90 | 180 | 270;
  readonly flipped: boolean;
  readonly hasRotationMatrix: boolean;
}

const UPRIGHT: Orientation = { rotation: 0, flipped: false, hasRotationMatrix: false };

/** Nine numbers in the three lines that ffprobe prints, `00000000:  0  65536  0`. */
function parseMatrix(dump: string | undefined): readonly number[] | undefined {
  const rows = [...(dump ?? '').matchAll(/^[0-9a-f]{8}:\s+(-?\d+)\s+(-?\d+)\s+(-?\d+)/gm)];
  return rows.length === 3 ? rows.flatMap((row) => row.slice(1, 4).map(Number)) : undefined;
}

function quarterTurn(degrees: number): 0 | 90 | 180 | 270 {
  const turns: readonly [0, 90, 180, 270] = [0, 90, 180, 270];
  return turns[(((Math.round(degrees / 90) % 4) + 4) % 4) as 0 | 1 | 2 | 3];
}

/**
 * How a player turns the picture. The matrix maps x' = a·x + c·y and y' = b·x + d·y with y downwards, so a
 * clockwise turn has a = cos, b = sin; a negative determinant is a mirror, taken here as applied after the turn.
 */
export function orientationOf(sideData: readonly ProbedSideData[], rotateTag: string | undefined): Orientation {
  const data = sideData.find((entry) => entry.side_data_type === 'Display Matrix');
  const matrix = parseMatrix(data?.displaymatrix);
  if (matrix) {
    const [a = 0, b = 0, , c = 0, d = 0] = matrix;
    const flipped = a * d - b * c < 0;
    const degrees = (Math.atan2(b, flipped ? -a : a) * 180) / Math.PI;
    const rotation = quarterTurn(degrees);
    return { rotation, flipped, hasRotationMatrix: flipped || Math.abs(degrees) > 0.5 };
  }
  // ffprobe counts the other way round; the tag of old versions does not.
  const degrees = data?.rotation !== undefined ? -Number(data.rotation) : Number(rotateTag ?? 0);
  if (!Number.isFinite(degrees) || degrees === 0) return UPRIGHT;
  return { rotation: quarterTurn(degrees), flipped: false, hasRotationMatrix: true };
}

/** A fraction such as `34000/50000` in units of 1/`unit`. */
function inUnits(text: string | undefined, unit: number): number | undefined {
  if (text === undefined || text === '') return undefined;
  const [num = Number.NaN, den] = text.split('/').map(Number);
  const value = Math.round((num * unit) / (den || 1));
  return Number.isFinite(value) ? value : undefined;
}

function masteringOf(data: ProbedSideData | undefined): MasteringDisplay | undefined {
  if (!data) return undefined;
  const point = (x: string | undefined, y: string | undefined): readonly [number, number] | undefined => {
    const [px, py] = [inUnits(x, 50000), inUnits(y, 50000)];
    return px === undefined || py === undefined ? undefined : [px, py];
  };
  const red = point(data.red_x, data.red_y);
  const green = point(data.green_x, data.green_y);
  const blue = point(data.blue_x, data.blue_y);
  const white = point(data.white_point_x, data.white_point_y);
  const minLuminance = inUnits(data.min_luminance, 10000);
  const maxLuminance = inUnits(data.max_luminance, 10000);
  // A display without primaries or without luminance is half a description: x265 and SVT-AV1 want it whole.
  if (!red || !green || !blue || !white || minLuminance === undefined || maxLuminance === undefined) return undefined;
  return { red, green, blue, white, minLuminance, maxLuminance };
}

function contentLightOf(data: ProbedSideData | undefined): HdrMetadata['contentLight'] {
  const maxCll = Number(data?.max_content);
  const maxFall = Number(data?.max_average);
  return Number.isFinite(maxCll) && Number.isFinite(maxFall) ? { maxCll, maxFall } : undefined;
}

/**
 * Profile 5, and profile 10 with compatibility 0, hold pictures in a colour space of Dolby's own (Dolby Vision Profiles and
 * Levels, table 1).
 */
function isDolbyVisionOnly(record: ProbedSideData | undefined): boolean {
  return record?.dv_profile === '5' || (record?.dv_profile === '10' && record.dv_bl_signal_compatibility_id === '0');
}

const MASTERING = /^Mastering display metadata/;
const CONTENT_LIGHT = /^Content light level metadata/;

/** HDR metadata of the first frame and of the stream, the frame's first. */
export function hdrOf(ofFrame: readonly ProbedSideData[], ofStream: readonly ProbedSideData[]): HdrMetadata {
  const among = (list: readonly ProbedSideData[], pattern: RegExp) =>
    list.find((entry) => pattern.test(entry.side_data_type ?? ''));
  const find = (pattern: RegExp) => among(ofFrame, pattern) ?? among(ofStream, pattern);
  return {
    mastering: masteringOf(find(MASTERING)),
    contentLight: contentLightOf(find(CONTENT_LIGHT)),
    dolbyVision: find(/DOVI configuration record|Dolby Vision/) !== undefined,
    dolbyVisionOnly: isDolbyVisionOnly(find(/DOVI configuration record/)),
    hdr10Plus: find(/SMPTE2094-40|HDR10\+/) !== undefined,
    inContainer: [MASTERING, CONTENT_LIGHT].some((pattern) => among(ofStream, pattern) !== undefined),
  };
}
