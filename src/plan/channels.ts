import type { AudioCodecRow } from '../codecs/audio.ts';
import type { AudioStream } from '../model/media.ts';
import type { Downmix } from '../model/option-values.ts';

/** Speakers of ffmpeg's layouts (libavutil/channel_layout.c), in its order. */
const SPEAKERS: Readonly<Record<string, string>> = {
  mono: 'FC',
  stereo: 'FL FR',
  '2.1': 'FL FR LFE',
  '3.0': 'FL FR FC',
  '3.0(back)': 'FL FR BC',
  '4.0': 'FL FR FC BC',
  quad: 'FL FR BL BR',
  'quad(side)': 'FL FR SL SR',
  '3.1': 'FL FR FC LFE',
  '5.0': 'FL FR FC BL BR',
  '5.0(side)': 'FL FR FC SL SR',
  '4.1': 'FL FR FC LFE BC',
  '5.1': 'FL FR FC LFE BL BR',
  '5.1(side)': 'FL FR FC LFE SL SR',
  '6.0': 'FL FR FC BC SL SR',
  '6.0(front)': 'FL FR FLC FRC SL SR',
  hexagonal: 'FL FR FC BL BR BC',
  '6.1': 'FL FR FC LFE BC SL SR',
  '6.1(back)': 'FL FR FC LFE BL BR BC',
  '6.1(front)': 'FL FR LFE FLC FRC SL SR',
  '7.0': 'FL FR FC BL BR SL SR',
  '7.0(front)': 'FL FR FC FLC FRC SL SR',
  '7.1': 'FL FR FC LFE BL BR SL SR',
  '7.1(wide)': 'FL FR FC LFE BL BR FLC FRC',
  '7.1(wide-side)': 'FL FR FC LFE FLC FRC SL SR',
  octagonal: 'FL FR FC BL BR BC SL SR',
};
/** The layout that a number of channels means when somebody asks for it. */
const ASKED = ['mono', 'stereo', '3.0', 'quad', '5.0', '5.1', '6.1', '7.1'];
/** What ffmpeg takes a number of channels for where nothing says. */
const GUESSED = ['mono', 'stereo', '2.1', '4.0', '5.0', '5.1', '6.1', '7.1'];

const speakersOf = (layout: string | undefined): readonly string[] => SPEAKERS[layout ?? '']?.split(' ') ?? [];
const layoutOf = (track: AudioStream): string | undefined => track.layout ?? GUESSED[track.channels - 1];

/**
 * Surround to stereo. `dialogue`: the centre at −3 dB on both sides, as loud as it was, fronts −3 dB, surrounds −6 dB,
 * LFE −9 dB, with a limiter for the rare sums above full scale; ffmpeg's own puts the centre 10.6 dB down and drops the LFE
 * (trap 44). `standard`: ATSC A/52 §7.8 Lo/Ro, normalised so that nothing can clip. One speaker at the back is on both
 * sides, 3 dB down on each.
 */
const STEREO_MIX = {
  dialogue: { front: 0.707, centre: 0.707, surround: 0.5, back: 0.354, lfe: 0.355 },
  standard: { front: 0.414, centre: 0.293, surround: 0.293, back: 0.207, lfe: 0 },
} as const;

function stereoMix(track: AudioStream, how: Downmix): string {
  if (how === 'dpl2') return 'aresample=matrix_encoding=dplii,aformat=channel_layouts=stereo';
  const gains = STEREO_MIX[how];
  const gainOf = (speaker: string, side: 'L' | 'R'): number => {
    if (speaker === 'FC') return gains.centre;
    if (speaker === 'LFE') return gains.lfe;
    if (speaker === 'BC') return gains.back;
    // FL, FLC, BL and SL are on the left.
    if (speaker[1] !== side) return 0;
    return speaker.startsWith('F') ? gains.front : gains.surround;
  };
  const speakers = speakersOf(layoutOf(track));
  const sum = (side: 'L' | 'R') =>
    speakers.flatMap((speaker) => (gainOf(speaker, side) > 0 ? [`${gainOf(speaker, side)}*${speaker}`] : [])).join('+');
  // Channels without a place: the first two are the front by custom.
  if (speakers.length === 0) return 'pan=stereo|c0=c0|c1=c1';
  const pan = `pan=stereo|FL=${sum('L')}|FR=${sum('R')}`;
  return how === 'dialogue' ? `${pan},alimiter=limit=0.97:attack=1:release=50:level=disabled` : pan;
}

/** Side speakers without any at the back are what other layouts call the back: ffmpeg maps the one to the other. */
function places(layout: string | undefined): readonly string[] {
  const speakers = speakersOf(layout);
  const only = speakers.includes('SL') && !speakers.some((one) => one.startsWith('B'));
  return only ? speakers.map((one) => one.replace(/^S/, 'B')) : speakers;
}

/** The smallest layout of the codec that has a place for every speaker of the track, else its largest one. */
function layoutFor(row: AudioCodecRow, track: AudioStream): string | undefined {
  if (!row.layouts) return track.layout;
  const own = places(layoutOf(track));
  const known = Object.values(row.layouts);
  return known.find((layout) => own.length > 0 && own.every((one) => places(layout).includes(one))) ?? known.at(-1);
}

/** How a track's channels become the wanted ones. */
export interface ChannelPlan {
  readonly layout: string | undefined;
  /** A filter that mixes down, where ffmpeg's own way is not good enough. */
  readonly mix: string | undefined;
  readonly channels: number;
}

export function planChannels(row: AudioCodecRow, track: AudioStream, wanted: number, how: Downmix): ChannelPlan {
  const layout =
    wanted === track.channels ? layoutFor(row, track) : (row.layouts?.[wanted] ?? ASKED[wanted - 1] ?? track.layout);
  return {
    layout,
    mix: wanted <= 2 && wanted < track.channels && track.channels > 2 ? stereoMix(track, how) : undefined,
    channels: speakersOf(layout).length || wanted,
  };
}
