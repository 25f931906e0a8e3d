import type { CropBox } from './media.ts';
import type { OptionRow } from './option-row.ts';
import type { Rational } from './rational.ts';
import type { TimeSpec } from './units.ts';

export const QUALITY_LEVELS = ['draft', 'low', 'medium', 'high', 'ultra'] as const;
export type QualityLevel = (typeof QUALITY_LEVELS)[number];
export const SPEEDS = ['ultrafast', 'fast', 'medium', 'slow', 'veryslow'] as const;
export type Speed = (typeof SPEEDS)[number];
export const VIDEO_CODEC_IDS = ['h264', 'h265', 'vp9', 'av1', 'prores', 'dnxhr', 'copy'] as const;
export type VideoCodecId = (typeof VIDEO_CODEC_IDS)[number];
export const AUDIO_CODEC_IDS = ['aac', 'mp3', 'opus', 'pcm', 'flac', 'copy', 'none'] as const;
export type AudioCodecId = (typeof AUDIO_CODEC_IDS)[number];
export const CONTAINER_IDS = ['mp4', 'mov', 'webm', 'mkv'] as const;
export type ContainerId = (typeof CONTAINER_IDS)[number];
export type RateMode = 'crf' | 'vbr' | 'cbr' | 'abr';
export type Fit = 'contain' | 'cover' | 'stretch' | 'pad';
export type Scaling = 'bilinear' | 'bicubic' | 'lanczos' | 'spline';
export type Downmix = 'dialogue' | 'standard' | 'dpl2';

/** `720p` by its name, `1280x720` by its numbers, or the source's own size. */
export type ResolutionSpec =
  | { readonly kind: 'source' }
  | { readonly kind: 'name'; readonly id: string }
  | { readonly kind: 'exact'; readonly width: number; readonly height: number };

/** Which part of the upright picture is delivered: all of it, what lies between black bars, or a box in its pixels. */
export type CropSpec = { readonly kind: 'off' } | { readonly kind: 'auto' } | ({ readonly kind: 'box' } & CropBox);

/** How near the picture shall be to its source: SSIM 0–1, PSNR in dB, VMAF 0–100. */
export interface QualityTarget {
  readonly metric: 'ssim' | 'psnr' | 'vmaf';
  readonly value: number;
}

/** What gives way first where a file would be too large. */
export type SizePriority = 'quality' | 'balanced' | 'size';

/** What becomes of an output that is larger than its source. */
export type IfLarger = 'warn' | 'fail' | 'keep-source';

/** How frames come about that the source does not have at that moment. */
export type FpsMode = 'drop' | 'blend' | 'interpolate';

/** What becomes of subtitles; a file is added as a track. Its path is as typed. */
export type SubtitleWish =
  | { readonly kind: 'keep' | 'burn' | 'drop' }
  | { readonly kind: 'file'; readonly path: string };
export const SUBTITLE_EXTENSIONS = ['srt', 'ass', 'ssa', 'vtt'] as const;

/** Every setting that a request may carry; undefined means that nobody gave it. Times in seconds, bitrates in kbps, sizes in bytes. */
export interface OptionValues {
  readonly output?: string;
  readonly preset?: string;
  readonly platform?: string;
  readonly allow?: readonly string[];
  readonly codec?: VideoCodecId;
  readonly audioCodec?: AudioCodecId;
  readonly container?: ContainerId;
  readonly quality?: QualityLevel;
  readonly mode?: RateMode;
  readonly crf?: number;
  readonly bitrate?: number;
  readonly maxBitrate?: number;
  readonly twoPass?: boolean;
  readonly targetQuality?: QualityTarget;
  readonly bestEffort?: boolean;
  /** Bytes. */
  readonly targetSize?: number;
  /** Bytes. */
  readonly maxSize?: number;
  readonly sizePriority?: SizePriority;
  readonly speed?: Speed;
  readonly set?: readonly string[];
  readonly resolution?: ResolutionSpec;
  readonly resolutionLimit?: ResolutionSpec;
  readonly upscale?: boolean;
  readonly fit?: Fit;
  readonly scaling?: Scaling;
  readonly fps?: Rational | 'source';
  readonly fpsMode?: FpsMode;
  readonly crop?: CropSpec;
  readonly hw?: 'auto' | 'off' | 'nvenc' | 'qsv' | 'vaapi' | 'videotoolbox' | 'amf';
  readonly hdr?: 'auto' | 'keep' | 'tonemap';
  readonly deinterlace?: 'auto' | 'on' | 'off' | 'detelecine';
  readonly rotate?: 0 | 90 | 180 | 270;
  readonly audioBitrate?: number;
  readonly channels?: number;
  readonly sampleRate?: number;
  readonly audioTrack?: string;
  readonly downmix?: Downmix;
  /** LUFS. */
  readonly loudness?: number;
  readonly subtitles?: SubtitleWish;
  readonly start?: TimeSpec;
  readonly duration?: TimeSpec;
  readonly verify?: 'fast' | 'full' | 'off';
  readonly minSsim?: number;
  readonly metadata?: 'keep' | 'strip';
  readonly keepTimes?: boolean;
  readonly tolerateErrors?: boolean;
  readonly ifLarger?: IfLarger;
  readonly timeout?: TimeSpec;
  readonly overwrite?: boolean;
  readonly skipExisting?: boolean;
  readonly name?: string;
  readonly fragmented?: boolean;
  readonly dryRun?: boolean;
  readonly receipt?: string;
  readonly depfile?: string;
  readonly report?: string;
}
export type OptionKey = keyof OptionValues;

/** The table. Order is the order of `--help` and of the reference page. */
export const OPTIONS: readonly OptionRow[] = [
  {
    name: 'output',
    short: 'o',
    kind: 'path',
    placeholder: 'PATH',
    group: 'Where it goes',
    scope: 'local',
    help: 'a file, or an existing folder (default: beside the input)',
  },
  {
    name: 'preset',
    kind: 'text',
    placeholder: 'ID',
    group: 'What to make',
    scope: 'delivery',
    help: 'a system or custom preset; flags win over it',
  },
  {
    name: 'platform',
    kind: 'text',
    placeholder: 'ID',
    group: 'What to make',
    scope: 'delivery',
    help: 'defaults from its recommendation, rules from its limits',
  },
  {
    name: 'allow',
    kind: 'text',
    placeholder: 'RULE',
    group: 'What to make',
    scope: 'delivery',
    repeatable: true,
    help: 'let one rule of the platform pass; repeatable',
  },
  {
    name: 'codec',
    kind: 'enum',
    values: VIDEO_CODEC_IDS,
    synonyms: { hevc: 'h265', 'h.265': 'h265', 'h.264': 'h264', avc: 'h264', dnxhd: 'dnxhr' },
    keys: ['video_codec'],
    group: 'What to make',
    scope: 'delivery',
    help: 'video codec',
  },
  {
    name: 'audio-codec',
    kind: 'enum',
    values: AUDIO_CODEC_IDS,
    group: 'What to make',
    scope: 'delivery',
    help: 'audio codec',
  },
  {
    name: 'container',
    kind: 'enum',
    values: CONTAINER_IDS,
    synonyms: { m4v: 'mp4', matroska: 'mkv' },
    group: 'What to make',
    scope: 'delivery',
    help: 'container; the extension of -o says the same',
  },
  {
    name: 'quality',
    kind: 'enum',
    values: QUALITY_LEVELS,
    synonyms: { standard: 'medium', master: 'ultra' },
    keys: ['target_quality', 'quality_preset'],
    group: 'Quality and size',
    scope: 'delivery',
    help: 'quality level',
  },
  {
    name: 'mode',
    kind: 'enum',
    values: ['crf', 'vbr', 'cbr', 'abr'],
    group: 'Quality and size',
    scope: 'delivery',
    help: 'rate control (default crf)',
  },
  {
    name: 'crf',
    kind: 'number',
    placeholder: 'N',
    atLeast: 0,
    group: 'Quality and size',
    scope: 'delivery',
    help: "constant quality, on the encoder's own scale",
  },
  {
    name: 'bitrate',
    kind: 'bitrate',
    placeholder: 'RATE',
    keys: ['video_bitrate'],
    group: 'Quality and size',
    scope: 'delivery',
    help: 'video bitrate: 4000, 4000k, 4M',
  },
  {
    name: 'max-bitrate',
    kind: 'bitrate',
    placeholder: 'RATE',
    group: 'Quality and size',
    scope: 'delivery',
    help: 'video bitrate that no stretch exceeds (VBV)',
  },
  {
    name: 'two-pass',
    kind: 'flag',
    negatable: true,
    group: 'Quality and size',
    scope: 'delivery',
    help: 'encode in two passes',
  },
  {
    name: 'target-quality',
    kind: 'quality-target',
    placeholder: 'ssim=X|psnr=X|vmaf=X',
    group: 'Quality and size',
    scope: 'delivery',
    help: 'find the constant quality at which the picture is this near to its source: ssim=0.98, psnr=42, vmaf=95',
  },
  {
    name: 'best-effort',
    kind: 'flag',
    group: 'Quality and size',
    scope: 'delivery',
    help: 'with --target-quality: deliver the nearest that the encoder can do',
  },
  {
    name: 'target-size',
    kind: 'size',
    placeholder: 'SIZE',
    group: 'Quality and size',
    scope: 'delivery',
    help: 'a file of this size and no larger: 25, 25MB, 25MiB, 1.5GB',
  },
  {
    name: 'max-size',
    kind: 'size',
    placeholder: 'SIZE',
    group: 'Quality and size',
    scope: 'delivery',
    help: 'no larger than this: by quality where that fits, else by codec, bitrate, resolution, frame rate in turn',
  },
  {
    name: 'size-priority',
    kind: 'enum',
    values: ['quality', 'balanced', 'size'],
    keys: ['file_size_priority'],
    group: 'Quality and size',
    scope: 'delivery',
    help: 'with --max-size: how few bits a picture gets before it is made smaller (default balanced)',
  },
  {
    name: 'speed',
    kind: 'enum',
    values: SPEEDS,
    keys: ['encoding_speed'],
    group: 'Quality and size',
    scope: 'delivery',
    help: 'encoding speed; slower makes smaller files of the same look',
  },
  {
    name: 'set',
    kind: 'assignment',
    placeholder: 'KEY=VALUE',
    keys: ['custom_settings'],
    repeatable: true,
    group: 'Quality and size',
    scope: 'delivery',
    help: "an encoder's own setting, as `codecs ID` lists them; repeatable",
  },
  {
    name: 'fragmented',
    kind: 'flag',
    group: 'Quality and size',
    scope: 'delivery',
    help: 'fragmented MP4, playable while it is written or sent',
  },
  {
    name: 'hw',
    kind: 'enum',
    values: ['auto', 'off', 'nvenc', 'qsv', 'vaapi', 'videotoolbox', 'amf'],
    group: 'Quality and size',
    scope: 'delivery',
    help: 'hardware encoder (default auto)',
  },
  {
    name: 'resolution',
    kind: 'resolution',
    placeholder: 'NAME',
    group: 'Picture',
    scope: 'delivery',
    help: '360p … 2160p (4k), 4320p (8k), 480p_v … 1080p_v, 480p_sq … 1080p_sq, WxH, or source',
  },
  {
    name: 'resolution-limit',
    kind: 'resolution',
    placeholder: 'NAME',
    group: 'Picture',
    scope: 'delivery',
    help: 'as --resolution, but only where the source is larger',
  },
  {
    name: 'upscale',
    kind: 'flag',
    group: 'Picture',
    scope: 'delivery',
    help: 'enlarge a source that is smaller than the resolution',
  },
  {
    name: 'fit',
    kind: 'enum',
    values: ['contain', 'cover', 'stretch', 'pad'],
    group: 'Picture',
    scope: 'delivery',
    help: 'how the picture fills another shape (names: contain; exact frames: pad)',
  },
  {
    name: 'scaling',
    kind: 'enum',
    values: ['bilinear', 'bicubic', 'lanczos', 'spline'],
    keys: ['scaling_method'],
    group: 'Picture',
    scope: 'delivery',
    help: 'scaling filter (default bicubic)',
  },
  {
    name: 'fps',
    kind: 'rate',
    placeholder: 'RATE',
    keys: ['frame_rate'],
    group: 'Picture',
    scope: 'delivery',
    help: '24, 25, 30, 50, 60, 23.976, 29.97, 30000/1001, or source',
  },
  {
    name: 'fps-mode',
    kind: 'enum',
    values: ['drop', 'blend', 'interpolate'],
    group: 'Picture',
    scope: 'delivery',
    help: 'another frame rate by dropping and repeating frames, by blending or by motion (default drop)',
  },
  {
    name: 'hdr',
    kind: 'enum',
    values: ['auto', 'keep', 'tonemap'],
    group: 'Picture',
    scope: 'delivery',
    help: 'keep HDR where codec and container can, or tone-map to SDR (default auto)',
  },
  {
    name: 'deinterlace',
    kind: 'enum',
    values: ['auto', 'on', 'off', 'detelecine'],
    group: 'Picture',
    scope: 'delivery',
    help: 'deinterlace (default auto: where the source is interlaced); detelecine restores film of 24 frames a second',
  },
  {
    name: 'crop',
    kind: 'crop',
    placeholder: 'W:H:X:Y|auto|off',
    group: 'Picture',
    scope: 'delivery',
    help: 'cut the picture to a box, or to what lies between black bars (default off)',
  },
  {
    name: 'rotate',
    kind: 'enum',
    values: ['0', '90', '180', '270'],
    group: 'Picture',
    scope: 'delivery',
    help: "turn clockwise, in place of the source's own rotation",
  },
  {
    name: 'audio-bitrate',
    kind: 'bitrate',
    placeholder: 'RATE',
    group: 'Sound and tracks',
    scope: 'delivery',
    help: 'bitrate of a stereo track; others in proportion to their channels',
  },
  {
    name: 'channels',
    kind: 'int',
    placeholder: 'N',
    atLeast: 1,
    keys: ['audio_channels'],
    group: 'Sound and tracks',
    scope: 'delivery',
    help: 'mix down to this many channels',
  },
  {
    name: 'sample-rate',
    kind: 'int',
    placeholder: 'HZ',
    above: 0,
    keys: ['audio_sample_rate'],
    group: 'Sound and tracks',
    scope: 'delivery',
    help: 'samples a second: 44100, 48000',
  },
  {
    name: 'audio-track',
    kind: 'text',
    placeholder: 'N|LANG|all',
    group: 'Sound and tracks',
    scope: 'delivery',
    help: 'which audio tracks to keep, counted from 1 or by language (default all; platforms: the default one)',
  },
  {
    name: 'downmix',
    kind: 'enum',
    values: ['dialogue', 'standard', 'dpl2'],
    group: 'Sound and tracks',
    scope: 'delivery',
    help: 'how surround becomes stereo (default dialogue)',
  },
  {
    name: 'loudness',
    kind: 'number',
    placeholder: 'LUFS',
    atLeast: -99,
    group: 'Sound and tracks',
    scope: 'delivery',
    help: 'bring every track to this integrated loudness (EBU R128), its true peaks limited to -1 dBTP before a lossy codec adds to them: -14, -16, -23',
  },
  {
    name: 'subtitles',
    kind: 'subtitles',
    placeholder: 'keep|burn|drop|FILE',
    group: 'Sound and tracks',
    scope: 'delivery',
    help: 'keep the tracks (default), burn the default one into the picture in place of all, drop them, or add an .srt, .ass, .ssa or .vtt file (from the current folder) as one more',
  },
  {
    name: 'metadata',
    kind: 'enum',
    values: ['keep', 'strip'],
    group: 'Sound and tracks',
    scope: 'delivery',
    help: 'titles, dates, places (default keep)',
  },
  {
    name: 'start',
    kind: 'time',
    placeholder: 'TIME',
    group: 'Part of the source',
    scope: 'delivery',
    help: 'begin here: 90, 1:30, 1:02:03.5, 500ms, or a timecode 01:00:10:00',
  },
  {
    name: 'duration',
    kind: 'time',
    placeholder: 'TIME',
    group: 'Part of the source',
    scope: 'delivery',
    help: 'take this much',
  },
  {
    name: 'verify',
    kind: 'enum',
    values: ['fast', 'full', 'off'],
    group: 'Promises',
    scope: 'run',
    help: 'check the output before it exists (default fast); full decodes every frame and measures SSIM and PSNR',
  },
  {
    name: 'min-ssim',
    kind: 'number',
    placeholder: 'X',
    above: 0,
    group: 'Promises',
    scope: 'delivery',
    help: 'with --verify full: fail below this SSIM',
  },
  {
    name: 'tolerate-errors',
    kind: 'flag',
    group: 'Promises',
    scope: 'run',
    help: 'deliver a source that has decode errors, with warnings',
  },
  {
    name: 'if-larger',
    kind: 'enum',
    values: ['warn', 'fail', 'keep-source'],
    group: 'Promises',
    scope: 'delivery',
    help: 'an output larger than its source: say so (default), deliver nothing (exit 9), or deliver a copy of the source',
  },
  {
    name: 'timeout',
    kind: 'time',
    placeholder: 'TIME',
    group: 'Promises',
    scope: 'run',
    help: 'give up after this long (exit 124)',
  },
  {
    name: 'name',
    kind: 'text',
    placeholder: 'PATTERN',
    keys: ['naming_pattern'],
    group: 'Where it goes',
    scope: 'run',
    help: 'output name: {name} {resolution} {codec} {quality} {preset} {platform} {date} {timestamp}',
  },
  {
    name: 'overwrite',
    kind: 'flag',
    group: 'Where it goes',
    scope: 'run',
    help: 'replace an existing destination once the new file is verified',
  },
  {
    name: 'skip-existing',
    kind: 'flag',
    group: 'Where it goes',
    scope: 'run',
    help: 'do nothing where the destination is complete and came from the same source and request',
  },
  {
    name: 'keep-times',
    kind: 'flag',
    group: 'Where it goes',
    scope: 'run',
    help: "give the output its source's modification time",
  },
  {
    name: 'dry-run',
    kind: 'flag',
    group: 'Where it goes',
    scope: 'local',
    help: 'print the exact commands as a shell script, touch nothing',
  },
  {
    name: 'receipt',
    kind: 'path',
    placeholder: 'FILE',
    group: 'Where it goes',
    scope: 'local',
    help: 'write a JSON delivery receipt: hashes, commands, versions, every check',
  },
  {
    name: 'depfile',
    kind: 'path',
    placeholder: 'FILE',
    group: 'Where it goes',
    scope: 'local',
    help: 'write a Makefile rule: the output and what it was made from',
  },
  {
    name: 'report',
    kind: 'path',
    placeholder: 'FILE.html',
    group: 'Where it goes',
    scope: 'local',
    help: 'write a page to look at: quality and bitrate over time against the source, the worst pictures, settings, checks',
  },
];

/** `max-bitrate` → `maxBitrate`: the property of OptionValues. */
export const propertyOf = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
/** `max-bitrate` → `max_bitrate`: the key in config, presets and job files. */
export const keyOf = (name: string): string => name.replace(/-/g, '_');
