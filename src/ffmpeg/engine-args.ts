/**
 * What every ffmpeg is started with, before the step's own arguments, which may set another log level.
 * `-y`: names in the scratch folder are ours, and a pass that is run again replaces its file.
 */
export const ENGINE_ARGS: readonly string[] = [
  '-hide_banner',
  '-nostdin',
  '-y',
  '-nostats',
  '-loglevel',
  // At this level ffmpeg also says how many packets it read and how many pictures came of them.
  'level+verbose',
  '-progress',
  'pipe:1',
  '-stats_period',
  '0.5',
];
