import type { RuleId, RuleValues } from '../../src/presets/platform.ts';
import { outlastedBy, padTo, type Recipe, turn } from './deliveries.ts';

/** How another tool's file would break one rule of this value, and nothing else. */
type Breaker<V> = (good: Recipe, value: V) => Recipe;

const withVideo = (codec: readonly string[], tag: readonly string[] = []): Breaker<unknown> => {
  return (good) => ({ ...good, video: ['-c:v', ...codec, ...tag], x264: {}, kbps: undefined });
};

const sized = (width: number, height: number): Breaker<unknown> => {
  return (good) => ({ ...good, width, height });
};

/** 9:16 with its longer side this long. */
const tall = (side: number): { readonly width: number; readonly height: number } => ({
  width: Math.floor((side * 9) / 32) * 2,
  height: side,
});
/** Large pictures, made as fast as it goes. */
const quick = (good: Recipe, size: { readonly width: number; readonly height: number }): Recipe => ({
  ...good,
  ...size,
  fps: 24,
  video: ['-c:v', 'libx264', '-preset', 'ultrafast', '-profile:v', 'high', '-coder', 'ac', '-8x8dct', '1'],
});

const OTHER_AUDIO = ['-c:a', 'ac3', '-b:a', '192k'];

export const BREAKERS: { readonly [R in RuleId]?: Breaker<RuleValues[R]> } = {
  container: (good, value) => ({ ...good, extension: value.includes('mov') ? 'mkv' : 'mov' }),
  max_file_size: (good, mb) => ({ ...good, after: padTo(mb * 1e6 + 1) }),
  min_file_size: (good) => ({
    ...good,
    kbps: 60,
    audio: ['-c:a', 'aac', '-b:a', '32k'],
    width: 360,
    height: 640,
  }),
  max_duration: (good, sec) => ({ ...good, after: outlastedBy(sec + 2) }),
  min_duration: (good, sec) => ({ ...good, sec: sec - 0.2 }),
  moov_at_front: (good) => ({ ...good, muxer: good.muxer.map((arg) => arg.replace('+faststart', '')) }),
  no_edit_list: (good) => ({ ...good, muxer: ['-movflags', '+faststart'] }),
  fragmented: (good) => ({
    ...good,
    muxer: ['-movflags', '+frag_keyframe+empty_moov+negative_cts_offsets', '-use_editlist', '0'],
  }),
  video_codec: withVideo(['mpeg4', '-b:v', '2500k', '-bf', '0']),
  h264_profile: (good) => ({ ...good, video: good.video.map((arg) => (arg === 'high' ? 'main' : arg)) }),
  cabac: (good) => ({ ...good, video: good.video.map((arg) => (arg === 'ac' ? 'vlc' : arg)) }),
  b_frames: (good, most) => ({ ...good, x264: { ...good.x264, bframes: most + 1 } }),
  closed_gop: (good) => ({ ...good, x264: { ...good.x264, 'open-gop': 1 } }),
  max_keyframe_interval: (good, sec) => ({ ...good, gopSec: sec * 2 }),
  hevc_tag: withVideo(
    ['libx265', '-preset', 'ultrafast', '-b:v', '2500k', '-x265-params', 'open-gop=0:log-level=error'],
    ['-tag:v', 'hev1'],
  ),
  max_video_bitrate: (good, kbps) => ({ ...good, kbps: kbps + 1000 }),
  min_video_bitrate: (good, kbps) => ({ ...good, kbps: Math.floor(kbps * 0.75) }),
  recommended_video_bitrate: (good) => ({ ...good, kbps: 6000 }),
  max_width: (good, most) => quick(good, { width: most + 6, height: Math.round(((most + 6) * 8) / 9) * 2 }),
  min_width: (good, least) => ({ ...good, width: least - 2, height: Math.round(((least - 2) * 8) / 9) * 2 }),
  max_long_side: (good, most) => quick(good, tall(most + 2)),
  max_short_side: (good, most) => quick(good, { width: most + 2, height: most + 2 + ((most + 2) % 4) }),
  min_long_side: (good, least) => ({ ...good, width: least - 2, height: 144 }),
  min_short_side: (good, least) => ({ ...good, width: least - 2, height: Math.round(((least - 2) * 8) / 9) * 2 }),
  aspect_ratio: (good, { max }) => {
    const [wide = 1, high = 1] = max.split(':').map(Number);
    return { ...good, width: 1280, height: 2 * Math.floor((0.48 * 1280 * high) / wide) };
  },
  recommended_aspect: sized(960, 720),
  max_frame_rate: (good, fps) => ({ ...good, fps: fps + 15 }),
  min_frame_rate: (good, fps) => ({ ...good, fps: fps - 3 }),
  constant_frame_rate: (good) => ({ ...good, filters: [...good.filters, "setpts='PTS+if(gt(N,40),0.3/TB,0)'"] }),
  progressive: (good) => ({
    ...good,
    // Two moments in each frame, and the flag that says so.
    filters: [...good.filters, 'tinterlace=mode=interleave_top', `fps=${good.fps}`, 'setfield=tff'],
    video: [...good.video, '-flags', '+ilme+ildct', '-top', '1'],
  }),
  pixel_format: (good) => ({
    ...good,
    video: good.video.map((arg) => (arg === 'high' ? 'high422' : arg)),
    pixelFormat: 'yuv422p',
  }),
  bit_depth: (good) => ({
    ...good,
    video: good.video.map((arg) => (arg === 'high' ? 'high10' : arg)),
    pixelFormat: 'yuv420p10le',
  }),
  sample_aspect: (good) => ({ ...good, width: 540, filters: [...good.filters, 'setsar=4/3'] }),
  colour_space: (good) => ({ ...good, x264: { ...good.x264, colorprim: 'smpte170m', colormatrix: 'smpte170m' } }),
  hdr: (good, { min_short_side: least = 0 }) => ({
    ...good,
    width: 360,
    height: 640,
    x264: { ...good.x264, transfer: least > 0 ? 'smpte2084' : 'arib-std-b67' },
  }),
  rotation_matrix: (good) => ({ ...good, after: turn }),
  audio_required: (good) => ({ ...good, audio: undefined }),
  audio_codec: (good) => ({ ...good, audio: OTHER_AUDIO }),
  audio_profile: (good) => ({ ...good, audio: ['-c:a', 'aac', '-profile:a', 'aac_main', '-b:a', '192k'] }),
  audio_channels: (good, counts) => ({
    ...good,
    channels: counts.includes(6) ? 4 : 6,
    audio: ['-c:a', 'aac', '-b:a', '512k'],
  }),
  audio_sample_rate: (good, { max }) => ({ ...good, sampleRate: max === undefined ? 44100 : 96000 }),
  min_audio_bitrate: (good) => ({ ...good, audio: ['-c:a', 'aac', '-b:a', '64k'] }),
  recommended_audio_bitrate: (good, rates) => ({
    ...good,
    audio: ['-c:a', 'aac', '-b:a', `${Math.floor(Math.max(...rates.map(({ kbps }) => kbps)) / 5)}k`],
  }),
  loudness: (good) => ({ ...good, gainDb: good.gainDb - 12 }),
};

/** Rules that the same fault breaks by its nature: ten bits are no High profile, a wide picture is not 9:16. */
export const ALONG_WITH: { readonly [R in RuleId]?: readonly RuleId[] } = {
  aspect_ratio: ['recommended_aspect'],
  max_short_side: ['max_long_side', 'max_width', 'recommended_aspect', 'aspect_ratio'],
  min_long_side: ['recommended_aspect', 'min_width', 'aspect_ratio'],
  max_width: ['max_long_side', 'max_short_side'],
  // A picture that large is also wide on its other side, and 2 Mbps are little for it.
  max_long_side: ['max_width', 'max_short_side', 'recommended_video_bitrate'],
  bit_depth: ['h264_profile'],
  pixel_format: ['h264_profile'],
  // Less than what is asked of a stereo track, in the words of two rules.
  recommended_audio_bitrate: ['min_audio_bitrate'],
  min_short_side: ['min_width', 'min_long_side', 'recommended_aspect'],
  min_width: ['min_short_side'],
  hdr: ['recommended_video_bitrate'],
};
