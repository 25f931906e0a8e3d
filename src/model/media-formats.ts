/**
 * ffmpeg's demuxers that a source may be read with: real media, none of which opens other files or hosts.
 * Left out on purpose: hls, dash, concat, imf, webm_dash_manifest, sdp and rtsp (lists and sessions), image2 and
 * vobsub (open further files by name), lavfi and the capture devices, and the `_pipe` still pictures. Given to
 * ffprobe and ffmpeg as `-format_whitelist`, so that a playlist that calls itself .mp4 is refused unread.
 */
export const SOURCE_FORMATS: readonly string[] = [
  // Containers with pictures and sound.
  ...['mov', 'mp4', 'm4a', '3gp', '3g2', 'mj2', 'matroska', 'webm', 'avi', 'mpegts', 'mpeg', 'mxf', 'gxf', 'lxf'],
  ...['asf', 'asf_o', 'flv', 'live_flv', 'kux', 'wtv', 'rm', 'ogg', 'nut', 'nuv', 'dv', 'dhav', 'ty', 'pva', 'nsv'],
  ...['swf', 'ivf', 'yuv4mpegpipe', 'gif', 'apng', 'smjpeg', 'mpjpeg', 'bink', 'smk', 'roq', 'flic', 'cine', 'mv'],
  // Bare video streams.
  ...['h261', 'h263', 'h264', 'hevc', 'vvc', 'evc', 'obu', 'av1', 'm4v', 'mpegvideo', 'vc1', 'vc1test', 'dirac'],
  ...['cavsvideo', 'avs2', 'avs3', 'mjpeg', 'mjpeg_2000', 'dnxhd'],
  // Sound: refused later where a picture is needed, in clearer words.
  ...['aac', 'ac3', 'eac3', 'ac4', 'aiff', 'amr', 'ape', 'au', 'caf', 'dsf', 'dts', 'dtshd', 'flac', 'loas', 'mlp'],
  ...['mp3', 'mpc', 'mpc8', 'shn', 'tak', 'truehd', 'tta', 'voc', 'w64', 'wav', 'wv'],
  // Text: subtitle files.
  ...['srt', 'ass', 'webvtt', 'microdvd', 'sami', 'subviewer', 'mpl2', 'stl', 'scc', 'sup'],
];

/** Formats without an index: what their header says about duration is a guess from the first and last packets. */
export const UNINDEXED_FORMATS: readonly string[] = [
  ...['mpegts', 'mpeg', 'mpegvideo', 'h261', 'h263', 'h264', 'hevc', 'vvc', 'evc', 'obu', 'av1', 'm4v', 'vc1'],
  ...['dirac', 'cavsvideo', 'avs2', 'avs3', 'mjpeg', 'mjpeg_2000', 'dnxhd', 'mpjpeg', 'pva', 'ty', 'nsv', 'dhav'],
  ...['dv', 'ogg', 'rm', 'gif', 'apng', 'swf', 'yuv4mpegpipe', 'live_flv'],
];

/** Formats whose timestamps may jump (recordings joined byte by byte): ffmpeg closes such gaps while it reads. */
export const JUMPING_FORMATS: readonly string[] = ['mpegts', 'mpeg', 'ogg', 'nuv', 'ty', 'nsv', 'dhav', 'live_flv'];

/** Whether ffprobe's format name, such as `matroska,webm`, is one of a list. */
export function isFormat(formatName: string, list: readonly string[]): boolean {
  return formatName.split(',').some((name) => list.includes(name));
}
