import { audioCodecId, type DeliveryFacts } from './facts.ts';
import type { AudioRate } from './platform.ts';
import { anyOf, kbpsText, type RuleKinds, ruleAbout } from './rule-kind.ts';

/** An AAC encoder asked for 128 kbps spends less on silence and simple sound. */
const AUDIO_RATE_SHORTFALL = 0.8;

const hasSound = ({ hasAudio, audioCodec }: DeliveryFacts): boolean | undefined =>
  hasAudio ?? (audioCodec === undefined ? undefined : true);

const isAac = (facts: DeliveryFacts): boolean | undefined =>
  hasSound(facts) === false ? false : facts.audioCodec === undefined ? undefined : facts.audioCodec === 'aac';

/** The advice for a channel count: its own row, or the nearest with fewer channels. */
export function audioRateFor(rates: readonly AudioRate[], channels: number): AudioRate | undefined {
  const ranked = [...rates].sort((a, b) => a.channels - b.channels);
  return ranked.findLast((row) => row.channels <= channels) ?? ranked[0];
}

const channelText = (channels: number): string =>
  ({ 1: 'mono', 2: 'stereo', 6: '5.1', 8: '7.1' })[channels] ?? `${channels} channels`;
const hertz = (rate: number): string => `${rate / 1000} kHz`;

/** Rules about the sound. */
export const SOUND_RULES: RuleKinds<
  | 'audio_required'
  | 'audio_codec'
  | 'audio_profile'
  | 'audio_channels'
  | 'audio_sample_rate'
  | 'max_audio_bitrate'
  | 'min_audio_bitrate'
  | 'recommended_audio_bitrate'
  | 'loudness'
> = {
  audio_required: ruleAbout({
    title: 'sound',
    flag: '--audio-track',
    hint: 'a source with sound',
    fact: hasSound,
    wanted: () => 'an audio track',
    show: (sound) => (sound ? 'an audio track' : 'none'),
    holds: (_, sound) => sound,
  }),
  audio_codec: ruleAbout({
    title: 'audio codec',
    flag: '--audio-codec',
    advice: true,
    hint: (allowed) => `--audio-codec ${allowed[0]}`,
    concerns: hasSound,
    fact: ({ audioCodec }) => (audioCodec === undefined ? undefined : audioCodecId(audioCodec)),
    wanted: (allowed) => anyOf(allowed),
    show: (codec) => codec,
    holds: (allowed, codec) => allowed.includes(codec),
  }),
  audio_profile: ruleAbout({
    title: 'AAC profile',
    flag: '--audio-codec',
    advice: true,
    hint: 'encode the sound again: --audio-codec aac',
    concerns: isAac,
    fact: (facts) => facts.audioProfile,
    wanted: (allowed) => anyOf(allowed),
    show: (profile) => profile,
    holds: (allowed, profile) => allowed.includes(profile),
  }),
  audio_channels: ruleAbout({
    title: 'channels',
    flag: '--channels',
    advice: true,
    hint: (allowed) => `--channels ${allowed.includes(2) ? 2 : allowed[0]}`,
    concerns: hasSound,
    fact: (facts) => facts.channels,
    wanted: (allowed) => anyOf(allowed.map(channelText)),
    show: channelText,
    holds: (allowed, channels) => allowed.includes(channels),
  }),
  audio_sample_rate: ruleAbout({
    title: 'sample rate',
    flag: '--sample-rate',
    advice: true,
    hint: '--sample-rate 48000',
    concerns: hasSound,
    fact: (facts) => facts.sampleRate,
    wanted: ({ max, one_of: list }) => (list ? anyOf(list.map(hertz)) : `at most ${hertz(max ?? 0)}`),
    show: hertz,
    holds: ({ max, one_of: list }, rate) => (list?.includes(rate) ?? true) && rate <= (max ?? Number.POSITIVE_INFINITY),
  }),
  max_audio_bitrate: ruleAbout({
    title: 'audio bitrate',
    flag: '--audio-bitrate',
    hint: (kbps) => `--audio-bitrate ${kbps}k`,
    concerns: hasSound,
    fact: (facts) => facts.audioKbps,
    wanted: (kbps) => `at most ${kbpsText(kbps)}`,
    show: kbpsText,
    holds: (kbps, found) => found <= kbps,
  }),
  min_audio_bitrate: ruleAbout({
    title: 'audio bitrate',
    flag: '--audio-bitrate',
    hint: (kbps) => `--audio-bitrate ${kbps}k; fine where the sound needs no more`,
    advice: true,
    concerns: hasSound,
    fact: (facts) => facts.audioKbps,
    wanted: (kbps) => `at least ${kbpsText(kbps)}`,
    show: kbpsText,
    holds: (kbps, found) => found >= kbps * AUDIO_RATE_SHORTFALL,
  }),
  recommended_audio_bitrate: ruleAbout({
    title: 'audio bitrate',
    flag: '--audio-bitrate',
    hint: (rates) => `--audio-bitrate ${audioRateFor(rates, 2)?.kbps}k; fine where the sound needs no more`,
    advice: true,
    concerns: hasSound,
    fact: (facts) => (facts.channels === undefined ? undefined : facts.audioKbps),
    wanted: (rates, { channels }) => {
      const row = audioRateFor(rates, channels ?? 2);
      return row ? `about ${kbpsText(row.kbps)} for ${channelText(row.channels)}` : 'any';
    },
    show: kbpsText,
    // Encoders spend what the sound needs: only far less than the advice is worth a remark.
    holds: (rates, found, { channels }) => found >= (audioRateFor(rates, channels ?? 2)?.kbps ?? 0) / 3,
  }),
  loudness: ruleAbout({
    title: 'loudness',
    flag: '--loudness',
    hint: ({ lufs }) => `--loudness ${lufs}`,
    advice: true,
    concerns: hasSound,
    fact: (facts) => facts.loudnessLufs,
    wanted: ({ lufs, tolerance }) => `${lufs} ±${tolerance} LUFS`,
    show: (lufs) => `${lufs.toFixed(1)} LUFS`,
    holds: ({ lufs, tolerance }, found) => Math.abs(found - lufs) <= tolerance,
  }),
};
