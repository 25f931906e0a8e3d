import type { AudioCodecRow } from '../codecs/audio.ts';
import type { AudioStream } from '../model/media.ts';
import type { Downmix } from '../model/options.ts';

/**
 * Surround to stereo. `dialogue`: the centre at −3 dB on both sides, as loud as it was, fronts −3 dB, surrounds −6 dB,
 * LFE −9 dB, with a limiter for the rare sums above full scale; ffmpeg's own puts the centre 10.6 dB down and drops the LFE
 * (trap 44). `standard`: ATSC A/52 §7.8 Lo/Ro, normalised so that nothing can clip.
 */
const STEREO_MIX: Readonly<Record<Exclude<Downmix, 'dpl2'>, Readonly<Record<string, number>>>> = {
  dialogue: { front: 0.707, centre: 0.707, surround: 0.5, lfe: 0.355 },
  standard: { front: 0.414, centre: 0.293, surround: 0.293, lfe: 0 },
};

function stereoMix(track: AudioStream, how: Downmix): string {
  if (how === 'dpl2') return 'aresample=matrix_encoding=dplii,aformat=channel_layouts=stereo';
  const layout = track.layout ?? '';
  const gains = STEREO_MIX[how];
  const side = /side|7\.1|quad\(side\)/.test(layout) ? ['SL', 'SR'] : undefined;
  const back = /^(5\.[01]|quad|6\.1\(back\)|7\.1)$/.test(layout) ? ['BL', 'BR'] : undefined;
  const centre = /^(3\.|5\.|6\.|7\.|4\.)/.test(layout);
  const lfe = /\.1/.test(layout);
  const backCentre = /^(4\.|6\.1)/.test(layout);
  const sideOf = (i: 0 | 1) =>
    [
      `${gains.front}*${i === 0 ? 'FL' : 'FR'}`,
      ...(centre ? [`${gains.centre}*FC`] : []),
      ...[side, back].flatMap((pair) => (pair ? [`${gains.surround}*${pair[i]}`] : [])),
      ...(backCentre ? [`${gains.surround}*BC`] : []),
      ...(lfe && (gains.lfe ?? 0) > 0 ? [`${gains.lfe}*LFE`] : []),
    ].join('+');
  const pan = `pan=stereo|FL=${sideOf(0)}|FR=${sideOf(1)}`;
  return how === 'dialogue' ? `${pan},alimiter=limit=0.97:attack=1:release=50:level=disabled` : pan;
}

/** Layout that the codec takes for a track of this many channels: the same one where it can, else the standard one of that count. */
function layoutFor(row: AudioCodecRow, layout: string | undefined, channels: number): string | undefined {
  if (!row.layouts) return layout;
  // 2.1 has no place for its LFE among the three-channel layouts: it goes into 5.1, the others silent.
  if (layout === '2.1' || layout === '3.1' || layout === '4.1') return row.layouts[6];
  return row.layouts[channels] ?? row.layouts[8] ?? row.layouts[2];
}

const LAYOUT_CHANNELS: Readonly<Record<string, number>> = {
  mono: 1,
  stereo: 2,
  '3.0': 3,
  '4.0': 4,
  quad: 4,
  '5.0': 5,
  '5.1': 6,
  '6.1': 7,
  '7.1': 8,
  '7.1(wide)': 8,
};

/** How a track's channels become the wanted ones. */
export interface ChannelPlan {
  readonly layout: string | undefined;
  /** A filter that mixes down, where ffmpeg's own way is not good enough. */
  readonly mix: string | undefined;
  readonly channels: number;
}

export function planChannels(row: AudioCodecRow, track: AudioStream, wanted: number, how: Downmix): ChannelPlan {
  const named = { 1: 'mono', 2: 'stereo' }[wanted] ?? row.layouts?.[wanted];
  const layout =
    wanted < track.channels
      ? (named ?? track.layout)
      : wanted > track.channels
        ? row.layouts?.[wanted]
        : layoutFor(row, track.layout, track.channels);
  return {
    layout,
    mix: wanted <= 2 && wanted < track.channels && track.channels > 2 ? stereoMix(track, how) : undefined,
    channels: layout ? (LAYOUT_CHANNELS[layout] ?? wanted) : wanted,
  };
}
