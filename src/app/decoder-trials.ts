import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EncoderRow } from '../codecs/encoder-row.ts';
import { drives, HARDWARE_FAMILIES, type HardwareFamily } from '../codecs/hardware.ts';
import { VIDEO_CODECS } from '../codecs/video.ts';
import { runTool } from '../ffmpeg/spawn.ts';
import type { Gpu } from '../hw/devices.ts';
import { runDecodeTrial } from '../hw/trial.ts';
import type { DecoderState } from '../model/hardware.ts';
import type { Toolchain } from '../model/toolchain.ts';
import { fewAtOnce, HARDWARE_ROWS, softwareTrial } from './encoder-trials.ts';
import { decodeArgs } from './machine.ts';
import { recordOf, type TrialRecord, type Trials } from './trials.ts';

interface Sample {
  readonly codec: string;
  readonly pixelFormat: string;
  readonly path: string;
}

const SIZE = { width: 320, height: 256 } as const;
const TIMEOUT_SEC = 30;
const PIXEL_FORMATS = ['yuv420p', 'yuv420p10le'] as const;

/** Short films of each delivery codec, in eight and ten bits, by the encoders in software; what cannot be made is left out. */
async function makeSamples(toolchain: Toolchain, folder: string, signal: AbortSignal): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const wanted = VIDEO_CODECS.filter(({ kind }) => kind === 'delivery').flatMap((codec) => {
    const row = codec.encoders.find(({ encoder }) => toolchain.encoders.includes(encoder));
    return row ? PIXEL_FORMATS.map((pixelFormat) => ({ codec: codec.probeName, row, pixelFormat })) : [];
  });
  await fewAtOnce(wanted, signal, async ({ codec, row, pixelFormat }) => {
    const { args = [], env } = softwareTrial(row, pixelFormat);
    const path = join(folder, `${codec}-${pixelFormat}.mkv`);
    const source = ['-f', 'lavfi', '-i', `testsrc2=s=${SIZE.width}x${SIZE.height}:r=25:d=0.4`];
    const made = await runTool({
      program: toolchain.ffmpeg.path,
      args: ['-hide_banner', '-nostdin', '-v', 'error', ...source, '-pix_fmt', pixelFormat, ...args, path],
      ...(env ? { env } : {}),
      timeoutSec: TIMEOUT_SEC,
      signal,
    });
    if (made.outcome === 'exited' && made.exitCode === 0) samples.push({ codec, pixelFormat, path });
  });
  return samples.sort((a, b) => a.path.localeCompare(b.path));
}

interface Place {
  readonly family: HardwareFamily;
  readonly row: EncoderRow;
  readonly gpu: Gpu;
}

/** Devices that decode, each by the ways that it has. */
function placesOf(gpus: readonly Gpu[]): readonly Place[] {
  return HARDWARE_FAMILIES.flatMap((family) => {
    const row = HARDWARE_ROWS.find(({ hardware }) => hardware === family.kind);
    const own = gpus.filter((gpu) => gpu.problem === null && drives(family, gpu));
    return family.chain && row ? own.map((gpu) => ({ family, row, gpu })) : [];
  });
}

const PREFIX = 'decoder ';
const nameOf = ({ family, gpu }: Place, { codec, pixelFormat }: Sample): string =>
  [`${PREFIX}${family.kind}`, gpu.number, codec, pixelFormat].join(' ');

/** Trials of decoders by their names in the cache, as people read them. */
export function decoderStates(trials: Trials): readonly DecoderState[] {
  return Object.entries(trials)
    .filter(([name]) => name.startsWith(PREFIX))
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, { reason, ms }]) => {
      const [, hardware = '', gpu = '', codec = '', pixel_format = ''] = name.split(' ');
      return { hardware, gpu: Number(gpu), codec, pixel_format, usable: reason === null, reason, ms };
    });
}

/** What each device decodes: tried on films that are made for it. Empty where there is no device. */
export async function tryDecoders(toolchain: Toolchain, gpus: readonly Gpu[], signal: AbortSignal): Promise<Trials> {
  const places = placesOf(gpus);
  if (places.length === 0) return {};
  const folder = await mkdtemp(join(tmpdir(), 'sg-export-trial-'));
  const records: Record<string, TrialRecord> = {};
  try {
    const samples = await makeSamples(toolchain, folder, signal);
    const trials = places.flatMap((place) => samples.map((sample) => ({ place, sample })));
    await fewAtOnce(trials, signal, async ({ place, sample }) => {
      const bitDepth = sample.pixelFormat === 'yuv420p' ? 8 : 10;
      const args = decodeArgs(place.row, place.gpu, sample.path, { index: 0, ...SIZE, bitDepth });
      if (!args) return;
      const { env } = place.family;
      records[nameOf(place, sample)] = recordOf(await runDecodeTrial(toolchain, args, env, signal));
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return records;
}

/** Ways to decode on a device that this ffmpeg was built with. */
export async function listHwaccels(toolchain: Toolchain, signal: AbortSignal): Promise<readonly string[]> {
  const args = ['-hide_banner', '-hwaccels'];
  const told = await runTool({ program: toolchain.ffmpeg.path, args, timeoutSec: TIMEOUT_SEC, signal });
  return told.stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^[a-z0-9_]+$/.test(line));
}
