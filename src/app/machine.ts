import type { EncoderRow } from '../codecs/encoder-row.ts';
import { hardwareFamily } from '../codecs/hardware.ts';
import { encoderRow } from '../codecs/video.ts';
import { findGpus, type Gpu, machineFacts } from '../hw/devices.ts';
import { runDecodeTrial, runTrial, TRIAL_SIZE, type Trial } from '../hw/trial.ts';
import type { DeviceAddress } from '../model/hardware.ts';
import type { VideoStream } from '../model/media.ts';
import type { Toolchain } from '../model/toolchain.ts';
import { INPUT_GUARD } from '../plan/input-args.ts';
import type { Session } from './call.ts';
import { hardwareTrial, type TrialWish } from './encoder-trials.ts';
import { withSession } from './ports.ts';
import { cachedTrials, keepTrials, recordOf, type TrialRecord } from './trials.ts';

/** Where an encoder is tried that no device of this machine is for: it tells its own reason. */
export const NO_DEVICE: DeviceAddress = { number: -1, ordinal: 0, node: undefined };

/** The name of a trial, as the cache has it. */
export function trialName(
  encoder: string,
  pixelFormat: string,
  device: DeviceAddress = NO_DEVICE,
  { mode, width, height }: TrialWish = TRIAL_SIZE,
): string {
  const size = width === TRIAL_SIZE.width && height === TRIAL_SIZE.height ? [] : [`${width}x${height}`];
  return [encoder, pixelFormat, device.number, ...(mode ? [mode] : []), ...size].join(' ');
}

/** Others' trials end soon, their films do not: what is then tried without a place may be refused for that, and is not remembered. */
const SESSION_WAIT_SEC = 10;

/** A trial of an encoder, in a place among those that its device runs at once. */
export async function tryEncoder(
  toolchain: Toolchain,
  trial: Trial,
  gpu: Gpu | undefined,
  signal: AbortSignal,
): Promise<TrialRecord> {
  const { hardware } = encoderRow(trial.encoder) ?? {};
  const pool = hardware && gpu ? hardwareFamily(hardware).sessions?.(gpu) : undefined;
  const wait = { exportId: 'trial', signal, waitSec: SESSION_WAIT_SEC };
  return recordOf(await withSession(pool, wait, () => runTrial(toolchain, trial, signal)));
}

const DECODED_FRAMES = 8;

/** Frames of a source through a device's decoder and scaler, and back. */
export function decodeArgs(
  row: EncoderRow,
  device: DeviceAddress,
  path: string,
  stream: Pick<VideoStream, 'index' | 'width' | 'height' | 'bitDepth'>,
): readonly string[] | undefined {
  const family = row.hardware ? hardwareFamily(row.hardware) : undefined;
  if (!family?.chain) return undefined;
  const { decode, scale } = family.chain;
  const layout = stream.bitDepth > 8 ? 'p010le' : 'nv12';
  const { width, height } = stream;
  const chain = [scale({ width, height, scaling: 'bicubic', layout }), 'hwdownload', `format=${layout}`];
  return [
    ...[...family.open(device), ...decode(device), ...INPUT_GUARD, '-i', `file:${path}`],
    ...['-map', `0:${stream.index}`, '-frames:v', `${DECODED_FRAMES}`, '-vf', chain.join(',')],
    ...['-f', 'null', '-'],
  ];
}

/** What a command asks of the machine's graphics devices, each question once. */
export interface Machine {
  /** Nothing here could be a graphics device: known from files alone. */
  readonly none: boolean;
  gpus(): Promise<readonly Gpu[]>;
  /** What a trial says of an encoder, a pixel format, a device and such a film: remembered, or made now. */
  encoder(row: EncoderRow, pixelFormat: string, device: Gpu | undefined, wish: TrialWish): Promise<TrialRecord>;
  /** Whether a device decodes this source. */
  decoder(row: EncoderRow, device: DeviceAddress, path: string, stream: VideoStream): Promise<TrialRecord>;
}

/** A device as the cache gives it back; a node that there is not is left out there. */
function isGpu(value: unknown): value is Gpu {
  if (typeof value !== 'object' || value === null) return false;
  const { number, ordinal, name, vendor, node } = value as Record<string, unknown>;
  const isNamed = typeof name === 'string' && typeof vendor === 'string';
  return (
    isNamed &&
    typeof number === 'number' &&
    typeof ordinal === 'number' &&
    ['string', 'undefined'].includes(typeof node)
  );
}

/** Looks for devices now, and remembers them; what a device has a problem with may be over soon. */
export async function lookForGpus(session: Session, signal: AbortSignal): Promise<readonly Gpu[]> {
  const found = await findGpus(signal);
  if (found.every(({ problem }) => problem === null)) session.history.putCached('gpus', machineFacts().key, found);
  return found;
}

async function cachedGpus(session: Session, signal: AbortSignal): Promise<readonly Gpu[]> {
  const { none, key } = machineFacts();
  if (none) return [];
  const known = session.history.getCached('gpus', key);
  return Array.isArray(known) && known.every(isGpu) ? known : lookForGpus(session, signal);
}

/** The machine as one session sees it. */
function lookAtMachine(session: Session, toolchain: Toolchain, signal: AbortSignal): Machine {
  const asked = new Map<string, Promise<TrialRecord>>();
  let gpus: Promise<readonly Gpu[]> | undefined;
  const once = (name: string, ask: () => Promise<TrialRecord>): Promise<TrialRecord> => {
    const known = asked.get(name) ?? remembered(name, ask);
    asked.set(name, known);
    return known;
  };
  const remembered = async (name: string, ask: () => Promise<TrialRecord>): Promise<TrialRecord> => {
    const known = cachedTrials(session, toolchain)[name];
    if (known) return known;
    const told = await ask();
    signal.throwIfAborted();
    keepTrials(session, toolchain, { [name]: told });
    return told;
  };
  return {
    none: machineFacts().none,
    gpus: () => {
      gpus ??= cachedGpus(session, signal);
      return gpus;
    },
    encoder: (row, pixelFormat, device, wish) =>
      once(trialName(row.encoder, pixelFormat, device, wish), () =>
        tryEncoder(toolchain, hardwareTrial(row, pixelFormat, device ?? NO_DEVICE, wish), device, signal),
      ),
    decoder: (row, device, path, stream) => {
      const args = decodeArgs(row, device, path, stream);
      const { codec, profile, pixelFormat } = stream;
      const name = `decode ${row.hardware} ${codec} ${profile} ${pixelFormat} ${device.number}`;
      const env = row.hardware ? hardwareFamily(row.hardware).env : undefined;
      if (!args) return Promise.resolve({ reason: 'nothing is decoded there', ms: 0, at: 0, passing: false });
      return once(name, async () => recordOf(await runDecodeTrial(toolchain, args, env, signal)));
    },
  };
}

const machines = new WeakMap<Session, Map<string, Machine>>();

/** The machine by one ffmpeg: exports of one command share what is asked of it. */
export function machineOf(session: Session, toolchain: Toolchain, signal: AbortSignal): Machine {
  const known = machines.get(session) ?? new Map<string, Machine>();
  machines.set(session, known);
  const machine = known.get(toolchain.ffmpeg.path) ?? lookAtMachine(session, toolchain, signal);
  known.set(toolchain.ffmpeg.path, machine);
  return machine;
}
