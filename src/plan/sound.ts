import { type AudioCodecRow, audioCodec, audioEncoder } from '../codecs/audio.ts';
import type { ContainerRow } from '../codecs/containers.ts';
import { LEVELS } from '../codecs/levels.ts';
import type { Issue } from '../model/errors.ts';
import type { AudioStream } from '../model/media.ts';
import type { AudioCodecId, Downmix, OptionValues, QualityLevel } from '../model/options.ts';
import type { AudioRate } from '../presets/platform.ts';
import { audioRateFor } from '../presets/sound-rules.ts';
import { warn, wrong } from './finding.ts';
import type { ResolvedAudio } from './resolved.ts';

/** What a platform asks of the sound; undefined where it does not care. What a flag says goes before: the rules judge it. */
export interface SoundLimits {
  /** Channel counts that are taken. */
  readonly channels?: readonly number[];
  readonly sampleRates?: readonly number[];
  readonly maxSampleRate?: number;
  readonly minSampleRate?: number;
  readonly maxKbps?: number;
  /** Advised rates by channel count: they stand in for the rate of a stereo track. */
  readonly rates?: readonly AudioRate[];
  /** Only one track is delivered. */
  readonly singleTrack?: boolean;
}

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

/** Rates for codecs that take any. */
const USUAL_SAMPLE_RATES = [44100, 48000, 88200, 96000];

/** The wanted rate where codec and platform take it, else the next higher one that both take, else the highest. */
function sampleRateFor(row: AudioCodecRow, wanted: number, limits: SoundLimits): number {
  const { sampleRates: listed, minSampleRate: least = 0, maxSampleRate: most = Number.POSITIVE_INFINITY } = limits;
  const taken = (rate: number) => (listed?.includes(rate) ?? true) && rate >= least && rate <= most;
  if (taken(wanted) && (row.sampleRates?.includes(wanted) ?? true)) return wanted;
  const own = row.sampleRates ?? listed ?? USUAL_SAMPLE_RATES;
  const both = own.filter(taken);
  const rates = both.length > 0 ? both : own;
  return rates.find((rate) => rate >= wanted) ?? rates.at(-1) ?? wanted;
}

/** The most channels that codec and platform take of a track; the fewest that a platform takes where it wants more. */
function channelsFor(row: AudioCodecRow, track: AudioStream, { channels: taken }: SoundLimits): number {
  const most = Math.min(track.channels, row.maxChannels);
  if (!taken || taken.length === 0) return most;
  const fitting = taken.filter((count) => count <= most);
  return fitting.length > 0 ? Math.max(...fitting) : Math.min(...taken, row.maxChannels);
}

function kbpsFor(
  row: AudioCodecRow,
  stereoKbps: number,
  channels: number,
  sampleRate: number,
  { rates, maxKbps: max }: SoundLimits,
): number | undefined {
  if (!row.bitrateRange) return undefined;
  const advised = rates && audioRateFor(rates, channels)?.kbps;
  const wanted = advised ?? (stereoKbps * Math.max(1, channels)) / 2;
  const perChannel =
    row.maxKbpsPerChannel ?? (row.id === 'aac' ? (6.144 * sampleRate) / 1024 : Number.POSITIVE_INFINITY);
  const most = Math.min(row.bitrateRange[1], perChannel * channels, max ?? Number.POSITIVE_INFINITY);
  return Math.floor(Math.max(row.bitrateRange[0], Math.min(wanted, most)));
}

/** Which tracks: by number from 1, by language, or all. A finding where none matches. */
export function chooseTracks(
  tracks: readonly AudioStream[],
  choice: string | undefined,
  single: boolean,
): { readonly chosen: readonly AudioStream[]; readonly issues: readonly Issue[] } {
  if (tracks.length === 0) return { chosen: [], issues: [] };
  const first = tracks.find((track) => track.disposition.default) ?? tracks[0];
  if (choice === undefined) {
    const chosen = single && first ? [first] : tracks;
    const issues =
      chosen.length < tracks.length
        ? [
            warn(
              'audio_tracks_dropped',
              '--audio-track',
              `one of ${tracks.length} audio tracks is delivered: the default one`,
              '--audio-track chooses',
            ),
          ]
        : [];
    return { chosen, issues };
  }
  if (choice === 'all') return { chosen: tracks, issues: [] };
  const number = /^\d+$/.test(choice) ? Number(choice) : undefined;
  const chosen =
    number === undefined
      ? tracks.filter((track) => track.language === choice.toLowerCase())
      : tracks.slice(number - 1, number);
  if (chosen.length > 0 && number !== 0) return { chosen, issues: [] };
  const have = tracks.map((track, i) => `${i + 1}${track.language ? ` (${track.language})` : ''}`).join(', ');
  return {
    chosen: [],
    issues: [
      wrong(
        'no_such_audio_track',
        '--audio-track',
        `--audio-track ${choice}: there is no such track`,
        `the source has ${have}`,
      ),
    ],
  };
}

export interface SoundContext {
  readonly container: ContainerRow;
  readonly codec: AudioCodecId;
  readonly options: OptionValues;
  readonly quality: QualityLevel;
  readonly limits: SoundLimits;
}

function copyTrack(track: AudioStream, context: SoundContext, issues: Issue[]): ResolvedAudio {
  const { container } = context;
  if (!container.copyAudio.includes(track.codec)) {
    issues.push(
      wrong(
        'audio_copy_impossible',
        '--audio-codec',
        `--audio-codec copy: ${container.name} cannot hold ${track.codec}`,
        `it holds ${container.audioCodecs.join(', ')}`,
      ),
    );
  }
  return {
    index: track.index,
    codec: 'copy',
    encoder: 'copy',
    kbps: undefined,
    bits: 16,
    channels: track.channels,
    layout: track.layout,
    mix: undefined,
    sampleRate: track.sampleRate,
    language: track.language,
    isDefault: track.disposition.default === true,
  };
}

function encodeTrack(track: AudioStream, row: AudioCodecRow, context: SoundContext, issues: Issue[]): ResolvedAudio {
  const { options, limits, quality } = context;
  const wanted = options.channels ?? channelsFor(row, track, limits);
  if (options.channels !== undefined && options.channels > row.maxChannels) {
    issues.push(
      wrong(
        'too_many_channels',
        '--channels',
        `--channels ${options.channels}: ${row.name} takes at most ${row.maxChannels} here`,
        `--channels ${row.maxChannels}`,
      ),
    );
  }
  const mixesDown = wanted < track.channels;
  if (mixesDown && options.channels === undefined) {
    issues.push(
      warn(
        'downmixed',
        '--channels',
        `${track.layout ?? `${track.channels} channels`} is mixed down to ${{ 1: 'mono', 2: 'stereo' }[wanted] ?? row.layouts?.[wanted] ?? `${wanted} channels`}`,
        'another codec or container keeps them all',
      ),
    );
  }
  const target = mixesDown && wanted !== 1 && wanted !== 2 ? (row.layouts?.[wanted] ?? track.layout) : undefined;
  const layout = mixesDown
    ? wanted === 1
      ? 'mono'
      : wanted === 2
        ? 'stereo'
        : target
    : wanted > track.channels
      ? row.layouts?.[wanted]
      : layoutFor(row, track.layout, track.channels);
  const stereo =
    mixesDown && wanted <= 2 && track.channels > 2 ? stereoMix(track, options.downmix ?? 'dialogue') : undefined;
  const channels = layout ? (LAYOUT_CHANNELS[layout] ?? wanted) : wanted;
  const sampleRate =
    options.sampleRate === undefined
      ? sampleRateFor(row, track.sampleRate, limits)
      : sampleRateFor(row, options.sampleRate, {});
  if (options.sampleRate !== undefined && sampleRate !== options.sampleRate) {
    issues.push(
      wrong(
        'sample_rate_refused',
        '--sample-rate',
        `--sample-rate ${options.sampleRate}: ${row.name} does not take it here`,
        `it takes ${(row.sampleRates ?? []).join(', ')}`,
      ),
    );
  }
  const bits = row.lossless && track.bitsPerSample > 16 ? 24 : 16;
  return {
    index: track.index,
    codec: row.id,
    encoder: audioEncoder(row, bits),
    kbps: kbpsFor(row, options.audioBitrate ?? LEVELS[quality].audioKbps, channels, sampleRate, limits),
    bits,
    channels,
    layout,
    mix: stereo,
    sampleRate,
    language: track.language,
    isDefault: track.disposition.default === true,
  };
}

function rangeIssues(row: AudioCodecRow, options: OptionValues, container: ContainerRow): readonly Issue[] {
  const issues: Issue[] = [];
  if (!container.audioCodecs.includes(row.id)) {
    issues.push(
      wrong(
        'audio_codec_container',
        '--audio-codec',
        `${row.name} (${row.id}) does not go into ${container.name} (${container.id})`,
        `${container.id} takes ${container.audioCodecs.join(', ')}`,
      ),
    );
  }
  const range = row.bitrateRange;
  if (
    options.audioBitrate !== undefined &&
    range &&
    (options.audioBitrate < range[0] || options.audioBitrate > range[1])
  ) {
    issues.push(
      wrong(
        'audio_bitrate_range',
        '--audio-bitrate',
        `--audio-bitrate ${options.audioBitrate}k is out of range for ${row.name}`,
        `it takes ${range[0]}k to ${range[1]}k`,
      ),
    );
  }
  return issues;
}

/** Decides every audio track: codec, channels, layout, rate. */
export function planSound(
  tracks: readonly AudioStream[],
  context: SoundContext,
): { readonly audio: readonly ResolvedAudio[]; readonly issues: readonly Issue[] } {
  const { codec, options, container, limits } = context;
  const issues: Issue[] = [];
  const row = audioCodec(codec);
  if (row) issues.push(...rangeIssues(row, options, container));
  if (codec === 'none') return { audio: [], issues };
  const { chosen, issues: trackIssues } = chooseTracks(tracks, options.audioTrack, limits.singleTrack === true);
  issues.push(...trackIssues);
  const audio = chosen.map((track) =>
    row ? encodeTrack(track, row, context, issues) : copyTrack(track, context, issues),
  );
  return { audio, issues };
}
