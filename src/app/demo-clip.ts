import { join } from 'node:path';
import { runTool } from '../ffmpeg/spawn.ts';
import { SgError } from '../model/errors.ts';
import type { Session } from './call.ts';
import { findToolchain } from './toolchain.ts';

/** Makes a clip with motion, fine texture and sound: a zoom into the Mandelbrot set over a two-tone chord. Returns its path. */
export async function makeDemoClip(session: Session, folder: string, signal: AbortSignal): Promise<string> {
  const { ffmpeg } = await findToolchain(session, signal, 'libx264');
  const path = join(folder, 'demo.mp4');
  const result = await runTool({
    program: ffmpeg.path,
    args: [
      '-v',
      'error',
      '-nostdin',
      '-y',
      '-f',
      'lavfi',
      '-i',
      'mandelbrot=size=1280x720:rate=25:start_scale=2:end_scale=0.05:end_pts=150,format=yuv420p',
      '-f',
      'lavfi',
      '-i',
      'aevalsrc=0.2*sin(2*PI*330*t)+0.2*sin(2*PI*(440+20*sin(2*PI*t))*t)|0.2*sin(2*PI*440*t):s=48000',
      '-t',
      '6',
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-crf',
      '16',
      '-c:a',
      'aac',
      '-b:a',
      '192k',
      '-color_primaries',
      'bt709',
      '-color_trc',
      'bt709',
      '-colorspace',
      'bt709',
      `file:${path}`,
    ],
    signal,
  });
  if (result.exitCode !== 0)
    throw new SgError('ENCODE', `the demo clip could not be made: ${result.stderr.split('\n').at(-1) ?? ''}`);
  return path;
}
