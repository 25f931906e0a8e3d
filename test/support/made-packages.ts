import { join } from 'node:path';
import { clip, ffmpeg } from './clips.ts';
import { made } from './package-folder.ts';

const GOP = ['-preset', 'ultrafast', '-g', '25', '-keyint_min', '25', '-sc_threshold', '0', '-pix_fmt', 'yuv420p'];

/** 6 s of film and sound with a keyframe each second. */
export const packageSource = (): string =>
  clip({ name: 'package6.mp4', sec: 6, size: '320x180', video: ['-c:v', 'libx264', '-bf', '2', ...GOP] });

const HLS = ['-f', 'hls', '-hls_time', '2', '-hls_playlist_type', 'vod'];
const COPY = ['-map', '0:v', '-map', '0:a', '-c', 'copy'];

/** Packages as ffmpeg's own muxers make them, each in a folder of its own below `root`. */
export const MUXERS: Readonly<Record<string, (folder: string) => void>> = {
  'hls-ts': (folder) =>
    run(folder, [...COPY, ...HLS, '-hls_segment_filename', 's%d.ts', '-master_pl_name', 'master.m3u8', 'v.m3u8']),
  'hls-fmp4': (folder) =>
    run(folder, [
      ...[...COPY, ...HLS, '-hls_segment_type', 'fmp4', '-hls_segment_filename', 's%d.m4s'],
      ...['-master_pl_name', 'master.m3u8', 'v.m3u8'],
    ]),
  'hls-single-file': (folder) =>
    run(folder, [
      ...['-map', '0:v', '-c', 'copy', ...HLS, '-hls_segment_type', 'fmp4', '-hls_flags', 'single_file'],
      ...['-hls_segment_filename', 's.mp4', '-master_pl_name', 'master.m3u8', 'v.m3u8'],
    ]),
  'hls-rungs': (folder) =>
    run(folder, [
      ...['-map', '0:v', '-map', '0:v', '-map', '0:a', '-c:v:0', 'copy', '-c:a', 'copy'],
      ...[
        '-c:v:1',
        'libx264',
        '-filter:v:1',
        'scale=160:90',
        '-b:v:1',
        '400k',
        '-maxrate:v:1',
        '440k',
        '-bufsize:v:1',
        '440k',
        ...GOP,
        ...HLS,
      ],
      ...['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'init_%v.mp4', '-hls_segment_filename', 'r%v_%d.m4s'],
      ...['-var_stream_map', 'v:0,agroup:a v:1,agroup:a a:0,agroup:a,default:yes,language:en'],
      ...['-master_pl_name', 'master.m3u8', 'r%v.m3u8'],
    ]),
  dash: (folder) =>
    run(folder, [...COPY, '-f', 'dash', '-seg_duration', '2', '-use_template', '1', '-use_timeline', '1', 'm.mpd']),
  'dash-nominal': (folder) =>
    run(folder, [...COPY, '-f', 'dash', '-seg_duration', '2', '-use_template', '1', '-use_timeline', '0', 'm.mpd']),
  'dash-single-file': (folder) =>
    run(folder, [...COPY, '-f', 'dash', '-seg_duration', '2', '-single_file', '1', 'm.mpd']),
  'dash-with-hls': (folder) =>
    run(folder, [...COPY, '-f', 'dash', '-seg_duration', '2', '-hls_playlist', '1', 'm.mpd']),
};

function run(folder: string, args: readonly string[]): void {
  ffmpeg(['-i', packageSource(), ...args], folder);
}

export function makePackage(root: string, kind: string): string {
  const folder = made(join(root, kind));
  MUXERS[kind]?.(folder);
  return folder;
}
