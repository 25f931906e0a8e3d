import type { Issue } from '../model/errors.ts';
import type { ColourTags, VideoStream } from '../model/media.ts';
import { warn, wrong } from './finding.ts';
import type { Colour, ColourPlan } from './resolved.ts';

const HDR_TRANSFERS = ['smpte2084', 'arib-std-b67'];
const SDR_MATRICES = ['bt709', 'smpte170m', 'bt470bg'];
const SD_MATRICES = ['smpte170m', 'bt470bg'];
const TRANSFER_OF: Readonly<Record<string, string>> = {
  bt709: 'bt709',
  smpte170m: 'smpte170m',
  // ITU-R BT.601 has one curve for 525 and 625 lines.
  bt470bg: 'smpte170m',
  bt2020nc: 'bt2020-10',
};
const PRIMARIES_OF: Readonly<Record<string, string>> = {
  bt709: 'bt709',
  smpte170m: 'smpte170m',
  bt470bg: 'bt470bg',
  bt2020nc: 'bt2020',
};

const known = (value: string | undefined): string | undefined =>
  value === undefined || value === 'unknown' || value === 'unspecified' || value === 'reserved' ? undefined : value;

export const isRgb = (pixelFormat: string): boolean =>
  /^(gbr|rgb|bgr|argb|abgr|rgba|bgra|0rgb|pal8|x2rgb)/.test(pixelFormat);
export const isHdr = (colour: ColourTags): boolean => HDR_TRANSFERS.includes(colour.transfer ?? '');

/** What the pixels are: tags where there are any, else the standard guess by size (ITU-R BT.601 for SD, BT.709 for HD). */
export function sourceColour(stream: VideoStream): { readonly tags: Colour; readonly guessed: boolean } {
  const full = stream.pixelFormat.startsWith('yuvj') || isRgb(stream.pixelFormat);
  const range = known(stream.colour.range) ?? (full ? 'pc' : 'tv');
  if (isRgb(stream.pixelFormat)) {
    return { tags: { range: 'pc', primaries: 'bt709', transfer: 'bt709', matrix: 'gbr' }, guessed: false };
  }
  const tagged = known(stream.colour.matrix);
  const byPrimaries = { bt709: 'bt709', bt470bg: 'bt470bg', smpte170m: 'smpte170m', bt2020: 'bt2020nc' };
  const primaries = known(stream.colour.primaries);
  const hd = stream.height >= 720 || stream.width >= 1280;
  const bySize = hd ? 'bt709' : stream.height === 576 || stream.height === 288 ? 'bt470bg' : 'smpte170m';
  const matrix = tagged ?? byPrimaries[primaries as keyof typeof byPrimaries] ?? bySize;
  return {
    tags: {
      range,
      matrix,
      primaries: primaries ?? PRIMARIES_OF[matrix] ?? 'bt709',
      transfer: known(stream.colour.transfer) ?? TRANSFER_OF[matrix] ?? 'bt709',
    },
    guessed: tagged === undefined && primaries === undefined,
  };
}

/** What the delivery allows: decided by codec, container, platform and flags before the colour is. */
export interface ColourWish {
  readonly hdr: 'auto' | 'keep' | 'tonemap' | undefined;
  /** Codec and container can carry HDR. */
  readonly canKeepHdr: boolean;
  readonly platformIsSdr: boolean;
  readonly keepsTenBits: boolean;
  /** BT.601 becomes BT.709: the delivered height is HD. */
  readonly wantsBt709: boolean;
  /** The platform wants all SDR in BT.709, or the codec has nothing else. */
  readonly onlyBt709: boolean;
  /** Stream copy: nothing can be converted. */
  readonly copy: boolean;
  readonly target: string;
}

const BT709: Colour = { range: 'tv', primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' };

function kindOf(from: Colour, to: Colour): ColourPlan['kind'] {
  if (from.matrix === 'gbr') return 'matrix';
  const sameMeaning = from.primaries === to.primaries && from.transfer === to.transfer;
  if (from.matrix === to.matrix && sameMeaning) return from.range === to.range ? 'keep' : 'range';
  return sameMeaning ? 'matrix' : 'full';
}

/**
 * The colours in which two films can be compared: the reference's, in limited range; HDR becomes SDR where only one of
 * them has it. What one does not state is taken to be as in the other: only what both say can differ.
 */
export function commonColours(
  reference: VideoStream,
  distorted: VideoStream,
): { readonly reference: ColourPlan; readonly distorted: ColourPlan } {
  const own = coloursBeside(reference, distorted);
  const other = coloursBeside(distorted, reference);
  const base = own.matrix !== 'gbr' ? own : other.matrix !== 'gbr' ? other : BT709;
  const to: Colour = isHdr(own) === isHdr(other) ? { ...base, range: 'tv' } : BT709;
  const plan = (stream: VideoStream, from: Colour): ColourPlan => {
    const kind = isHdr(from) && !isHdr(to) ? 'tonemap' : kindOf(from, to);
    return { from, to, kind, hdr: undefined, peakNits: peakOf(stream) };
  };
  return { reference: plan(reference, own), distorted: plan(distorted, other) };
}

function coloursBeside(stream: VideoStream, beside: VideoStream): Colour {
  const { tags } = sourceColour(stream);
  if (isRgb(stream.pixelFormat) || isRgb(beside.pixelFormat)) return tags;
  const { colour } = stream;
  const either = (key: 'primaries' | 'transfer' | 'matrix'): string | undefined =>
    known(colour[key]) ?? known(beside.colour[key]);
  const { matrix, primaries, transfer } = sourceColour({
    ...stream,
    // Where nobody says, the size does: that of the larger one for both.
    width: Math.max(stream.width, beside.width),
    height: Math.max(stream.height, beside.height),
    colour: { ...colour, matrix: either('matrix'), primaries: either('primaries'), transfer: either('transfer') },
  }).tags;
  return { range: tags.range, matrix, primaries, transfer };
}

function sdrTarget(from: Colour, wish: ColourWish): Colour {
  const isBt709 = from.primaries === 'bt709' && from.matrix === 'bt709';
  if (wish.onlyBt709 && !isBt709) return BT709;
  if (from.matrix === 'bt2020nc' && wish.keepsTenBits && !wish.platformIsSdr) return { ...from, range: 'tv' };
  const sd = SD_MATRICES.includes(from.matrix);
  if (!SDR_MATRICES.includes(from.matrix) || (sd && wish.wantsBt709)) return BT709;
  return { ...from, range: 'tv' };
}

/** Peak of the source, cd/m². Phones write mastering displays of 0.1 cd/m²: what no display can be is not believed. */
function peakOf(stream: VideoStream): number {
  const mastered = (stream.hdr.mastering?.maxLuminance ?? 0) / 10_000;
  const claims = [mastered, stream.hdr.contentLight?.maxCll ?? 0];
  return claims.find((nits) => nits >= 100 && nits <= 10_000) ?? 1000;
}

/** With Dolby Vision's record everything that the container says is left behind; what the pictures say is not. */
const carriedHdr = (hdr: VideoStream['hdr']): VideoStream['hdr'] =>
  hdr.dolbyVision ? { ...hdr, inContainer: false } : hdr;

/** The layer is lost in every encode; where there is nothing but the layer, no encode would be right. */
function dolbyVisionIssues({ dolbyVision, dolbyVisionOnly }: VideoStream['hdr']): readonly Issue[] {
  const copy = '--codec copy keeps it as it is';
  if (dolbyVisionOnly) {
    const what =
      'the source is Dolby Vision without a base layer (profile 5): encoded without it, its colours are wrong';
    return [wrong('dolby_vision_only', 'input', what, copy)];
  }
  const what = 'the Dolby Vision layer is not carried over: the base layer is delivered';
  return dolbyVision ? [warn('dolby_vision_lost', 'input', what, copy)] : [];
}

/** Decides what happens to the colours. Pixels and tags always agree in the plan: `to` is both. */
export function planColour(
  stream: VideoStream,
  wish: ColourWish,
): { readonly colour: ColourPlan; readonly issues: readonly Issue[] } {
  const { tags: from, guessed } = sourceColour(stream);
  const issues: Issue[] = [];
  if (guessed && !wish.copy) {
    issues.push(warn('untagged_colour', 'input', `the source does not say its colour space: taken as ${from.matrix}`));
  }
  const peakNits = peakOf(stream);
  const done = (kind: ColourPlan['kind'], to: Colour, hdr: boolean) => ({
    colour: { from, to, kind, hdr: hdr ? carriedHdr(stream.hdr) : undefined, peakNits },
    issues,
  });
  if (wish.copy) return done('keep', from, false);
  issues.push(...dolbyVisionIssues(stream.hdr));
  if (!isHdr(from)) return finishSdr();
  const able = wish.canKeepHdr && wish.keepsTenBits && !wish.platformIsSdr;
  if (wish.hdr === 'keep' && !able) {
    issues.push(
      wrong(
        'hdr_cannot_be_kept',
        '--hdr',
        `--hdr keep: ${wish.target} cannot carry HDR`,
        '--codec h265 can, or --hdr tonemap',
      ),
    );
  }
  if (able && wish.hdr !== 'tonemap') {
    if (stream.hdr.hdr10Plus) {
      issues.push(warn('hdr10plus_lost', 'input', 'HDR10+ dynamic metadata is not carried over: delivered as HDR10'));
    }
    return done('keep', { ...from, range: 'tv' }, true);
  }
  issues.push(warn('tone_mapped', '--hdr', 'HDR is tone-mapped to SDR (BT.709)', '--codec h265 keeps it'));
  return done('tonemap', BT709, false);

  function finishSdr() {
    if (wish.hdr === 'tonemap') issues.push(warn('not_hdr', '--hdr', '--hdr tonemap: the source is not HDR'));
    const to = sdrTarget(from, wish);
    return done(kindOf(from, to), to, false);
  }
}
