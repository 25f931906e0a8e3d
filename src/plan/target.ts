import {
  CONTAINERS,
  type ContainerRow,
  container,
  containerOfExtension,
  KNOWN_EXTENSIONS,
} from '../codecs/containers.ts';
import type { EncoderRow } from '../codecs/encoder-row.ts';
import { type VideoCodecRow, videoCodec } from '../codecs/video.ts';
import type { Issue } from '../model/errors.ts';
import type { AudioCodecId, ContainerId, OptionValues, VideoCodecId } from '../model/option-values.ts';
import type { Layer, SettingsFrom } from '../model/settings.ts';
import { goalOf } from '../presets/goals.ts';
import { warn, wrong } from './finding.ts';

/** What is made: container, codecs, and where each choice came from. */
export interface Target {
  readonly container: ContainerRow;
  readonly codec: VideoCodecId;
  /** Undefined for stream copy. */
  readonly row: VideoCodecRow | undefined;
  readonly audioCodec: AudioCodecId;
  readonly from: { readonly container: Layer; readonly video_codec: Layer; readonly audio_codec: Layer };
}

const CODEC_OF_CONTAINER: Readonly<Record<ContainerId, VideoCodecId>> = {
  mp4: 'h264',
  mov: 'h264',
  mkv: 'h264',
  webm: 'vp9',
};

function chooseContainer(
  options: OptionValues,
  from: SettingsFrom,
  extension: string | undefined,
  issues: Issue[],
): { readonly row: ContainerRow; readonly layer: Layer } {
  const goal = goalOf(options)?.container;
  const byCodec =
    container(videoCodec(options.codec ?? '')?.container ?? goal ?? 'mp4') ?? (CONTAINERS[0] as ContainerRow);
  const asked = options.container ? container(options.container) : undefined;
  if (extension === undefined)
    return asked
      ? { row: asked, layer: from.container ?? 'default' }
      : { row: byCodec, layer: from.codec ?? (goal ? 'optimize_for' : 'default') };
  const typed = containerOfExtension(extension);
  if (!typed) {
    issues.push(
      wrong(
        'unknown_extension',
        '--output',
        extension === ''
          ? '--output: the name has no extension, which says the container'
          : `--output: '.${extension}' is no container that sg-export writes`,
        `it writes ${KNOWN_EXTENSIONS.map((x) => `.${x}`).join(', ')}`,
        'USAGE',
      ),
    );
    return { row: asked ?? byCodec, layer: 'default' };
  }
  if (asked && asked.id !== typed.id && from.container === 'flag') {
    issues.push(
      wrong(
        'container_against_extension',
        '--container',
        `--container ${asked.id} does not agree with the extension .${extension} of --output`,
        `leave --container out, or write to .${asked.extensions[0]}`,
        'USAGE',
      ),
    );
  }
  return { row: typed, layer: 'flag' };
}

/** FLAC where it is held, as it is half as large as PCM. */
const losslessOf = ({ audioCodecs }: ContainerRow): AudioCodecId | undefined =>
  (['flac', 'pcm'] as const).find((id) => audioCodecs.includes(id));

function defaultAudio(row: VideoCodecRow | undefined, target: ContainerRow, options: OptionValues): AudioCodecId {
  const lossless = goalOf(options)?.losslessSound && losslessOf(target);
  if (lossless) return lossless;
  if (row && target.audioCodecs.includes(row.audioCodec)) return row.audioCodec;
  return target.audioCodecs[0] ?? 'aac';
}

/** Decides container, then codecs, in the contract's order: a typed extension picks the container, the container its codec. */
export function chooseTarget(
  options: OptionValues,
  from: SettingsFrom,
  extension: string | undefined,
): { readonly target: Target; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  const picked = chooseContainer(options, from, extension, issues);
  const goal = goalOf(options);
  const better = goal?.codecs?.[picked.row.id];
  const codec = options.codec ?? better ?? CODEC_OF_CONTAINER[picked.row.id];
  const row = videoCodec(codec);
  if (row && !picked.row.videoCodecs.includes(row.id)) {
    issues.push(
      wrong(
        'codec_container',
        '--codec',
        `${row.name} (${row.id}) does not go into ${picked.row.name} (${picked.row.id})`,
        `${picked.row.id} takes ${picked.row.videoCodecs.join(', ')}; ${row.id} goes into ${CONTAINERS.filter((c) =>
          c.videoCodecs.includes(row.id),
        )
          .map((c) => c.id)
          .join(', ')}`,
      ),
    );
  }
  const sound = options.audioCodec ?? defaultAudio(row, picked.row, options);
  if (goal?.losslessSound && options.audioCodec === undefined && !losslessOf(picked.row)) {
    const what = `${picked.row.name} holds no sound without loss: ${sound} is made`;
    issues.push(warn('archive_lossy_sound', '--optimize-for', what, 'MKV and MOV hold it'));
  }
  return {
    target: {
      container: picked.row,
      codec,
      row,
      audioCodec: sound,
      from: {
        container: picked.layer,
        video_codec: from.codec ?? (better ? 'optimize_for' : picked.layer === 'flag' ? 'flag' : 'default'),
        audio_codec: from.audioCodec ?? (goal?.losslessSound ? 'optimize_for' : 'default'),
      },
    },
    issues,
  };
}

/** What this ffmpeg can do, as far as the choice of an encoder goes. */
export interface EncoderChoice {
  readonly row: EncoderRow | undefined;
  readonly rejected: readonly { readonly encoder: string; readonly reason: string }[];
}

/**
 * The first encoder of the codec that this ffmpeg has and that can do what is asked; the reason for each one passed over.
 * `hardware`: the encoder to take in place of those in software.
 */
export function chooseEncoder(
  codec: VideoCodecRow,
  listed: readonly string[],
  options: OptionValues,
  hardware?: string,
): EncoderChoice {
  const rejected: { encoder: string; reason: string }[] = [];
  for (const row of codec.encoders) {
    if (hardware === undefined ? row.hardware : row.encoder !== hardware) continue;
    if (!listed.includes(row.encoder)) rejected.push({ encoder: row.encoder, reason: 'not in this ffmpeg' });
    else if (options.twoPass && !row.twoPass && row.modes.length > 0)
      rejected.push({ encoder: row.encoder, reason: 'ignores a second pass' });
    else if (options.mode && row.modes.length > 0 && !row.modes.includes(options.mode))
      rejected.push({ encoder: row.encoder, reason: `does not keep to --mode ${options.mode}` });
    else return { row, rejected };
  }
  return { row: undefined, rejected };
}

export function encoderIssue(codec: VideoCodecRow, choice: EncoderChoice, options: OptionValues): Issue {
  const reasons = choice.rejected.map(({ encoder, reason }) => `${encoder}: ${reason}`).join('; ');
  if (options.twoPass && choice.rejected.some(({ reason }) => reason.includes('second pass'))) {
    return wrong(
      'two_pass_unsupported',
      '--two-pass',
      `--two-pass: no ${codec.name} encoder here does two passes (${reasons})`,
      '--no-two-pass, or another codec',
    );
  }
  const unkept = choice.rejected.find(({ reason }) => reason.includes('--mode'));
  if (options.mode && unkept) {
    const works = codec.encoders.find(({ encoder }) => encoder === unkept.encoder)?.modes ?? [];
    return wrong(
      'mode_unsupported',
      '--mode',
      `--mode ${options.mode}: no ${codec.name} encoder here keeps to it (${reasons})`,
      `--mode ${works.join(', ')}, or another codec`,
    );
  }
  return wrong(
    'encoder_missing',
    '--codec',
    `this ffmpeg cannot encode ${codec.name} (${reasons})`,
    'an ffmpeg built with that encoder: --ffmpeg FILE',
    'TOOLCHAIN',
  );
}
