import { type AudioCodecRow, audioCodec, audioEncoder } from '../codecs/audio.ts';
import type { ContainerRow } from '../codecs/containers.ts';
import { LEVELS } from '../codecs/levels.ts';
import type { LoudnessFinding } from '../model/analyses.ts';
import type { Issue } from '../model/errors.ts';
import type { AudioStream } from '../model/media.ts';
import type { AudioCodecId, OptionValues, QualityLevel } from '../model/option-values.ts';
import type { AudioRate } from '../presets/platform.ts';
import { audioRateFor } from '../presets/sound-rules.ts';
import { planChannels } from './channels.ts';
import { warn, wrong } from './finding.ts';
import { gainOf, loudnessIssues } from './loudness.ts';
import type { ResolvedAudio } from './resolved.ts';

/** What a platform asks of the sound; undefined where it does not care. What a flag says goes before: the rules judge it. */
export interface SoundLimits {
  /** Channel counts that are taken. */
  readonly channels?: readonly number[];
  readonly sampleRates?: readonly number[];
  readonly maxSampleRate?: number;
  readonly maxKbps?: number;
  /** Advised rates by channel count: they stand in for the rate of a stereo track. */
  readonly rates?: readonly AudioRate[];
  /** Only one track is delivered. */
  readonly singleTrack?: boolean;
  /** A film without sound is refused. */
  readonly required?: boolean;
}

/** What stands in for the track of a source that has none. */
const SILENCE: AudioStream = {
  index: -1,
  codec: '',
  codecTag: '',
  profile: undefined,
  startSec: 0,
  durationSec: undefined,
  bitrateKbps: undefined,
  language: undefined,
  title: undefined,
  disposition: { default: true },
  tags: {},
  channels: 2,
  layout: 'stereo',
  sampleRate: 48000,
  sampleFormat: undefined,
  bitsPerSample: 16,
};

/** Rates for codecs that take any. */
const USUAL_SAMPLE_RATES = [44100, 48000, 88200, 96000];

/** The wanted rate where codec and platform take it, else the next higher one that both take, else the highest. */
function sampleRateFor(row: AudioCodecRow, wanted: number, limits: SoundLimits): number {
  const { sampleRates: listed, maxSampleRate: most = Number.POSITIVE_INFINITY } = limits;
  const taken = (rate: number) => (listed?.includes(rate) ?? true) && rate <= most;
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
  /** Where the part begins, seconds from the source's first picture. */
  readonly startSec: number;
  /** Of each delivered track, in their order; undefined before it was measured, or where nobody asked. */
  readonly loudness: readonly LoudnessFinding[] | undefined;
}

function copyTrack(track: AudioStream, context: SoundContext, issues: Issue[]): ResolvedAudio {
  const { container, startSec } = context;
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
  if (startSec > 0) {
    const what = '--start does not go with --audio-codec copy: copied sound cannot be cut in step with the picture';
    issues.push(wrong('audio_copy_cannot_cut', '--start', what, 'another --audio-codec'));
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
    loudness: undefined,
    sampleRate: track.sampleRate,
    language: track.language,
    isDefault: track.disposition.default === true,
  };
}

/** What a track cannot be made of as asked, and what is lost on the way. */
function trackIssues(
  track: AudioStream,
  row: AudioCodecRow,
  options: OptionValues,
  plan: { readonly wanted: number; readonly layout: string | undefined; readonly sampleRate: number },
): readonly Issue[] {
  const issues: Issue[] = [];
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
  if (plan.wanted < track.channels && options.channels === undefined) {
    issues.push(
      warn(
        'downmixed',
        '--channels',
        `${track.layout ?? `${track.channels} channels`} is mixed down to ${plan.layout ?? `${plan.wanted} channels`}`,
        'another codec or container keeps them all',
      ),
    );
  }
  if (options.sampleRate !== undefined && plan.sampleRate !== options.sampleRate) {
    issues.push(
      wrong(
        'sample_rate_refused',
        '--sample-rate',
        `--sample-rate ${options.sampleRate}: ${row.name} does not take it here`,
        `it takes ${(row.sampleRates ?? []).join(', ')}`,
      ),
    );
  }
  return issues;
}

function encodeTrack(track: AudioStream, row: AudioCodecRow, context: SoundContext, issues: Issue[]): ResolvedAudio {
  const { options, limits, quality } = context;
  const wanted = options.channels ?? channelsFor(row, track, limits);
  const { layout, mix, channels } = planChannels(row, track, wanted, options.downmix ?? 'dialogue');
  const sampleRate =
    options.sampleRate === undefined
      ? sampleRateFor(row, track.sampleRate, limits)
      : sampleRateFor(row, options.sampleRate, {});
  issues.push(...trackIssues(track, row, options, { wanted, layout, sampleRate }));
  const bits = row.lossless && track.bitsPerSample > 16 ? 24 : 16;
  return {
    index: track.index,
    codec: row.id,
    encoder: audioEncoder(row, bits),
    kbps: kbpsFor(row, options.audioBitrate ?? LEVELS[quality].audioKbps, channels, sampleRate, limits),
    bits,
    channels,
    layout,
    mix,
    loudness: undefined,
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

/** Tracks alike have findings alike: each is said once. */
const distinct = (issues: readonly Issue[]): readonly Issue[] =>
  issues.filter(({ message }, at) => issues.findIndex((one) => one.message === message) === at);

/** Decides every audio track: codec, channels, layout, rate. */
export function planSound(
  tracks: readonly AudioStream[],
  context: SoundContext,
): { readonly audio: readonly ResolvedAudio[]; readonly issues: readonly Issue[] } {
  const { codec, options, container, limits } = context;
  const issues: Issue[] = [];
  const row = audioCodec(codec);
  if (row) issues.push(...rangeIssues(row, options, container));
  if (codec === 'none')
    return { audio: [], issues: [...issues, ...loudnessIssues(options.loudness, codec, undefined, 0)] };
  if (tracks.length === 0 && limits.required) {
    issues.push(
      warn('silence_added', 'input', 'the source has no sound, and the platform wants some: silence is added'),
    );
    const silentRow = row ?? audioCodec(container.audioCodecs[0] ?? 'aac');
    return { audio: silentRow ? [{ ...encodeTrack(SILENCE, silentRow, context, issues), silent: true }] : [], issues };
  }
  const { chosen, issues: trackIssues } = chooseTracks(tracks, options.audioTrack, limits.singleTrack === true);
  issues.push(...trackIssues);
  issues.push(...loudnessIssues(options.loudness, codec, context.loudness, chosen.length));
  const audio = chosen.map((track, at) =>
    row
      ? { ...encodeTrack(track, row, context, issues), loudness: gainOf(context.loudness?.[at]) }
      : copyTrack(track, context, issues),
  );
  return { audio, issues: distinct(issues) };
}
