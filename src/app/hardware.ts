import { tryEncoder } from '../hw/trial.ts';
import type { Issue } from '../model/errors.ts';
import type { OptionValues, VideoCodecId } from '../model/option-values.ts';
import type { Toolchain } from '../model/toolchain.ts';
import type { Layered } from '../presets/layers.ts';

const FAMILY_SUFFIX = { nvenc: 'nvenc', qsv: 'qsv', vaapi: 'vaapi', videotoolbox: 'videotoolbox', amf: 'amf' } as const;
const STEM: Readonly<Partial<Record<VideoCodecId, string>>> = {
  h264: 'h264',
  h265: 'hevc',
  vp9: 'vp9',
  av1: 'av1',
  prores: 'prores',
};

/**
 * `--hw NAME` is honoured or refused with the trial's own reason, never silently ignored. This version encodes in
 * software; `auto` therefore always chooses software, and says so in the result's settings.
 */
export async function checkHardware(
  hw: OptionValues['hw'],
  toolchain: Toolchain,
  layered: Layered,
  signal: AbortSignal,
): Promise<readonly Issue[]> {
  if (hw === undefined || hw === 'auto' || hw === 'off') return [];
  const stem = STEM[layered.values.codec ?? 'h264'];
  const encoder = `${stem}_${FAMILY_SUFFIX[hw]}`;
  const reason = toolchain.encoders.includes(encoder)
    ? await tryEncoder(toolchain, encoder, signal)
    : `this ffmpeg has no ${encoder}`;
  return [
    {
      severity: 'error',
      code: 'hardware_unusable',
      message:
        reason === undefined
          ? `--hw ${hw}: ${encoder} opens on this machine, but this version of sg-export encodes in software only`
          : `--hw ${hw}: ${encoder} cannot be used: ${reason}`,
      path: '--hw',
      hint: '--hw auto or --hw off encodes in software',
      exit: 'TOOLCHAIN',
    },
  ];
}
