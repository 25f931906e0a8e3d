import { describe, expect, it } from 'vitest';
import { DeviceFailed } from '../../../src/engine/device-trouble.ts';
import { judgeStep, type StepRun } from '../../../src/engine/judge-step.ts';
import { sourceTroubles } from '../../../src/engine/source-troubles.ts';
import type { ProcessResult } from '../../../src/model/process.ts';
import { planCase } from '../../golden/golden-case.ts';

const STALLED: ProcessResult = { outcome: 'stalled', exitCode: null, signal: 'SIGTERM', lines: [] };

/** A delivery that stalls while it runs: on a device, with software to take over, or in software alone. */
async function stall(hardware?: { readonly encoder: string }): Promise<void> {
  const request = { about: 'stalled', source: 'hd-1080p25-stereo', output: 'o.mp4', flags: {} };
  const { plan } = planCase({ ...request, ...(hardware ? { hardware } : {}) });
  const [step] = plan?.steps ?? [];
  if (!plan || !step) throw new Error('nothing is planned');
  const run: Pick<StepRun, 'plan' | 'options' | 'warnings' | 'signal'> = {
    plan,
    options: { midGop: false, stallSec: 7, tolerateErrors: false },
    warnings: [],
    signal: new AbortController().signal,
  };
  // A run that stalled is judged without a look at files.
  await judgeStep(run as StepRun, step, STALLED, sourceTroubles(false));
}

describe('an ffmpeg that comes to a stand', () => {
  it('on a device that does not answer leaves the film to the next attempt', async () => {
    const failed = stall({ encoder: 'h264_nvenc' });
    await expect(failed).rejects.toBeInstanceOf(DeviceFailed);
    await expect(failed).rejects.toThrow('the device does not answer: no progress for 7 s');
  });

  it('in software ends the export', async () => {
    const failed = stall();
    await expect(failed).rejects.toThrow('ffmpeg stalled: no progress for 7 s');
    await expect(failed).rejects.not.toBeInstanceOf(DeviceFailed);
  });
});
