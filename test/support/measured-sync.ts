import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Times at which white pictures begin, seconds, as a player shows them: edit lists and starts are obeyed. */
export async function flashesOf(file: string): Promise<readonly number[]> {
  const look = 'scale=32:32,format=gray,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-';
  const args = ['-v', 'error', '-nostdin', '-copyts', '-i', `file:${file}`, '-map', '0:V:0', '-vf', look];
  const { stdout } = await run('ffmpeg', [...args, '-fps_mode', 'passthrough', '-f', 'null', '-'], { maxBuffer: 1e7 });
  const pictures = [...stdout.matchAll(/pts_time:(-?[\d.]+)\s+lavfi\.signalstats\.YAVG=([\d.]+)/g)];
  const lit = pictures.map(([, time, luma]) => ({ sec: Number(time), white: Number(luma) > 128 }));
  return lit.filter(({ white }, n) => white && !lit[n - 1]?.white).map(({ sec }) => sec);
}

const RATE_HZ = 48_000;
/** A beep is over when this much is silent. */
const PAUSE_SAMPLES = RATE_HZ / 20;

/** Times at which beeps begin, seconds, on the same clock: decoded samples, put where their timestamps say. */
export async function beepsOf(file: string): Promise<readonly number[]> {
  // A gap in the timestamps is silence, and what lies before zero is kept: ten seconds are added to hold it.
  const chain = `asetpts=PTS+10/TB,aresample=${RATE_HZ}:async=1:first_pts=0:min_hard_comp=0.002,aformat=sample_fmts=s16:channel_layouts=mono`;
  const args = ['-v', 'error', '-nostdin', '-copyts', '-i', `file:${file}`, '-map', '0:a:0', '-af', chain];
  const { stdout } = await run('ffmpeg', [...args, '-f', 's16le', '-'], { encoding: 'buffer', maxBuffer: 1e8 });
  const samples = new Int16Array(stdout.buffer, stdout.byteOffset, Math.floor(stdout.length / 2));
  const found: number[] = [];
  let quietSince = -PAUSE_SAMPLES;
  for (const [n, value] of samples.entries()) {
    if (Math.abs(value) < 3000) continue;
    if (n - quietSince >= PAUSE_SAMPLES) found.push(n / RATE_HZ - 10);
    quietSince = n;
  }
  return found;
}
