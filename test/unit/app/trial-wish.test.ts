import { expect, it } from 'vitest';
import { hardwareTrial, wishOf } from '../../../src/app/encoder-trials.ts';
import { trialName } from '../../../src/app/machine.ts';
import { encoderRow } from '../../../src/codecs/video.ts';
import { planCase } from '../../golden/golden-case.ts';

const DEVICE = { number: 0, ordinal: 0, node: undefined };

/** What an export of a 1080p film asks a device to prove: the trial's name, and its arguments. */
function trialFor(flags: Readonly<Record<string, unknown>>) {
  const { resolved } = planCase({ about: 'wish', source: 'hd-1080p25-stereo', output: 'o.mp4', flags });
  const row = encoderRow('h264_nvenc');
  if (!resolved || !row) throw new Error('nothing is planned');
  const wish = wishOf(resolved.video);
  const { args = [], device } = hardwareTrial(row, 'yuv420p', DEVICE, wish);
  return { name: trialName('h264_nvenc', 'yuv420p', DEVICE, wish), args: args.join(' '), device };
}

it.each([
  [{}, 'h264_nvenc yuv420p 0', '-rc vbr -cq 23'],
  [{ resolution: '720p' }, 'h264_nvenc yuv420p 0', '-cq 23'],
  // A rate is another question than a quality: drivers have the one without the other.
  [{ mode: 'vbr', bitrate: '3000' }, 'h264_nvenc yuv420p 0 vbr', '-rc vbr -b:v 1000k -maxrate 2000k -bufsize 2000k'],
  [{ mode: 'cbr', bitrate: '3000' }, 'h264_nvenc yuv420p 0 cbr', '-rc cbr -b:v 1000k -maxrate 1000k -bufsize 2000k'],
  // Largest and smallest pictures differ from device to device.
  [{ resolution: '3840x2160' }, 'h264_nvenc yuv420p 0 3840x2160', '-cq 23'],
  [{ resolution: '160x90' }, 'h264_nvenc yuv420p 0 160x90', '-cq 23'],
])('a film by %j is proved by %s', (flags, name, args) => {
  const trial = trialFor(flags);
  expect(trial.name).toBe(name);
  expect(trial.args).toContain(args);
});

it('a trial of another size has pictures of that size', () => {
  expect(trialFor({ resolution: '160x90' }).device).toMatchObject({ width: 160, height: 90 });
  expect(trialFor({}).device).toMatchObject({ width: 320, height: 256 });
});
