import { clip } from './clips.ts';

const SIZE = '320x180';

/** How ffmpeg makes a stream that ffprobe calls so, where its encoder has another name or needs a word more. */
const VIDEO: Readonly<Record<string, readonly string[]>> = {
  h264: ['libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
  hevc: ['libx265', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-x265-params', 'log-level=error'],
  vp8: ['libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-pix_fmt', 'yuv420p'],
  vp9: ['libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-pix_fmt', 'yuv420p'],
  av1: ['libaom-av1', '-usage', 'realtime', '-cpu-used', '8', '-pix_fmt', 'yuv420p'],
  prores: ['prores_ks'],
  dnxhd: ['dnxhd', '-profile:v', 'dnxhr_lb', '-pix_fmt', 'yuv422p'],
  mjpeg: ['mjpeg', '-pix_fmt', 'yuvj420p'],
  theora: ['libtheora', '-pix_fmt', 'yuv420p'],
};
const AUDIO: Readonly<Record<string, readonly string[]>> = {
  mp3: ['libmp3lame'],
  opus: ['libopus'],
  vorbis: ['libvorbis'],
  dts: ['dca', '-strict', '-2'],
  truehd: ['truehd', '-strict', '-2'],
};

/** A second of Matroska with these codecs, as ffprobe calls them. */
export function copySource(video: string, audio: string): string {
  return clip({
    name: `${video}-${audio}.mkv`,
    size: SIZE,
    video: ['-c:v', ...(VIDEO[video] ?? [video])],
    audio: ['-c:a', ...(AUDIO[audio] ?? [audio])],
  });
}
