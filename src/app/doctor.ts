import { isTakenBy } from '../codecs/encoder-row.ts';
import { drives, HARDWARE_FAMILIES } from '../codecs/hardware.ts';
import type { Gpu } from '../hw/devices.ts';
import type { Trial } from '../hw/trial.ts';
import { SgError } from '../model/errors.ts';
import type { Binary, Toolchain } from '../model/toolchain.ts';
import { VERSION } from '../model/version.ts';
import type { Session } from './call.ts';
import { decoderStates, listHwaccels, tryDecoders } from './decoder-trials.ts';
import { fewAtOnce, HARDWARE_ROWS, hardwareTrial, softwareTrials } from './encoder-trials.ts';
import { lookForGpus, NO_DEVICE, trialName, tryEncoder } from './machine.ts';
import { findToolchain } from './toolchain.ts';
import { cachedTrials, keepTrials, type TrialRecord, type Trials } from './trials.ts';

/** Filters that exports use, and what cannot be done without them. */
const FILTERS: readonly (readonly [filter: string, need: string])[] = [
  ['scale', 'resizing'],
  ['zscale', 'colour conversion, HDR to SDR'],
  ['tonemap', 'HDR to SDR'],
  ['idet', 'finding interlaced sources'],
  ['bwdif', 'deinterlacing'],
  ['ebur128', 'loudness'],
  ['ssim', 'comparing with the source'],
  ['psnr', 'comparing with the source'],
  ['libvmaf', 'VMAF (optional)'],
];

/** Without these the main job, H.264 and AAC in MP4, cannot be done. */
const NEEDED = ['libx264', 'aac'];

/** One trial of a hardware encoder. */
interface DeviceTrialState {
  readonly pixel_format: string;
  /** Null where no device of this machine is for it. */
  readonly gpu: number | null;
  readonly usable: boolean;
  readonly reason: string | null;
  readonly ms: number;
}

interface EncoderState {
  readonly encoder: string;
  readonly kind: Trial['kind'];
  readonly hardware: boolean;
  readonly listed: boolean;
  readonly usable: boolean;
  readonly reason: string | null;
  /** How long its trials took. */
  readonly ms: number | null;
  readonly trials?: readonly DeviceTrialState[];
}

/** Something to be tried, under the name that the cache knows it by. */
interface Planned {
  readonly name: string;
  readonly trial: Trial;
  readonly pixelFormat: string;
  readonly gpu: Gpu | undefined;
}

/** Hardware encoders that this ffmpeg lists: each pixel format on each device that it is for; without one it tells its own reason. */
function hardwareTrials(toolchain: Toolchain, gpus: readonly Gpu[]): readonly Planned[] {
  return HARDWARE_ROWS.filter(({ encoder }) => toolchain.encoders.includes(encoder)).flatMap((row) => {
    const family = HARDWARE_FAMILIES.find(({ kind }) => kind === row.hardware);
    const own = gpus.filter((gpu) => gpu.problem === null && family && drives(family, gpu));
    const taken = row.formats.filter((format) => isTakenBy(format, toolchain.ffmpeg.release));
    const formats = own.length > 0 ? taken : taken.slice(0, 1);
    const places: readonly (Gpu | undefined)[] = own.length > 0 ? own : [undefined];
    return places.flatMap((gpu) =>
      formats.map(({ name: pixelFormat }) => ({
        ...{ name: trialName(row.encoder, pixelFormat, gpu), pixelFormat, gpu },
        trial: hardwareTrial(row, pixelFormat, gpu ?? NO_DEVICE),
      })),
    );
  });
}

const plannedOf = (trial: Trial): Planned => ({
  ...{ name: trial.encoder, trial, pixelFormat: trial.pixelFormat ?? '', gpu: undefined },
});

function softwareState({ trial }: Planned, toolchain: Toolchain, known: Trials): EncoderState {
  const { encoder, kind } = trial;
  const listed = toolchain.encoders.includes(encoder);
  const record = known[encoder];
  const reason = listed ? (record?.reason ?? null) : 'not in this ffmpeg';
  return { encoder, kind, hardware: false, listed, usable: reason === null, reason, ms: record?.ms ?? null };
}

/** One line for each hardware encoder: it is usable where one of its trials succeeded. */
function hardwareStates(planned: readonly Planned[], known: Trials): readonly EncoderState[] {
  const names = [...new Set(planned.map(({ trial }) => trial.encoder))];
  return names.map((encoder) => {
    const trials = planned
      .filter(({ trial }) => trial.encoder === encoder)
      .map(({ name, pixelFormat, gpu }): DeviceTrialState => {
        const { reason = 'not tried', ms = 0 } = known[name] ?? {};
        return { pixel_format: pixelFormat, gpu: gpu?.number ?? null, usable: reason === null, reason, ms };
      });
    const usable = trials.some((one) => one.usable);
    const reason = usable ? null : (trials[0]?.reason ?? 'not tried');
    const ms = trials.reduce((sum, one) => sum + one.ms, 0);
    return { encoder, kind: 'video', hardware: true, listed: true, usable, reason, ms, trials };
  });
}

/** What the trials say, from the cache where they were made before. What failed only for now is tried again. */
async function tried(
  session: Session,
  toolchain: Toolchain,
  planned: readonly Planned[],
  options: ExamineOptions,
): Promise<Trials> {
  const remembered = options.refresh ? {} : cachedTrials(session, toolchain);
  const known: Record<string, TrialRecord> = { ...remembered };
  const open = planned.filter(
    ({ name, trial }) => toolchain.encoders.includes(trial.encoder) && (remembered[name]?.passing ?? true),
  );
  if (open.length === 0) return known;
  options.onTrials?.(open.length);
  await fewAtOnce(open, options.signal, async ({ name, trial, gpu }) => {
    known[name] = await tryEncoder(toolchain, trial, gpu, options.signal);
  });
  keepTrials(session, toolchain, known);
  return known;
}

function gpuState(gpu: Gpu, encoders: readonly EncoderState[] | undefined) {
  const families = HARDWARE_FAMILIES.filter((family) => drives(family, gpu)).map(({ kind }) => kind);
  const own = (encoders ?? []).flatMap(({ encoder, trials }) =>
    (trials ?? []).filter((one) => one.gpu === gpu.number).map((one) => ({ encoder, ...one })),
  );
  const usable = [...new Set(own.filter((one) => one.usable).map(({ encoder }) => encoder))];
  const why = encoders ? `this ffmpeg has no encoder for it (${families.join(', ')})` : 'there is no ffmpeg to use it';
  const reason = gpu.problem ?? (usable.length > 0 ? null : (own[0]?.reason ?? why));
  const { number, name, vendor, node, driver } = gpu;
  return { gpu: number, name, vendor, device: node ?? null, driver, usable: reason === null, encoders: usable, reason };
}

/** What devices decode, from the cache where it was tried before. */
async function decodersOf(session: Session, toolchain: Toolchain, gpus: readonly Gpu[], options: ExamineOptions) {
  const known = options.refresh ? [] : decoderStates(cachedTrials(session, toolchain));
  if (known.length > 0) return known;
  const trials = await tryDecoders(toolchain, gpus, options.signal);
  keepTrials(session, toolchain, trials);
  return decoderStates(trials);
}

interface ProgramState {
  readonly path: string | null;
  readonly version: string | null;
  readonly origin: Binary['origin'] | null;
  readonly reason: string | null;
}
const found = ({ path, version, origin }: Binary): ProgramState => ({ path, version, origin, reason: null });
const missing = (reason: string): ProgramState => ({ path: null, version: null, origin: null, reason });

/** Whose error it was when a toolchain was not found: the ffprobe is looked for once there is an ffmpeg. */
function blame(error: SgError): { readonly ffmpeg: ProgramState; readonly ffprobe: ProgramState } {
  const said = [error.message, error.hint].filter(Boolean).join('. ');
  return /^(no usable |--|SG_EXPORT_|")?ffprobe/i.test(error.message)
    ? { ffmpeg: missing('not used without an ffprobe'), ffprobe: missing(said) }
    : { ffmpeg: missing(said), ffprobe: missing('not looked for without an ffmpeg') };
}

export interface ExamineOptions {
  /** Tries everything again. */
  readonly refresh: boolean;
  readonly signal: AbortSignal;
  /** Hears how many trials are about to run. */
  readonly onTrials?: (count: number) => void;
}

/** Asked last, because a database may show only in use that it cannot be used. */
const surroundings = (session: Session) => ({
  database: {
    path: session.historyPath,
    usable: session.history.problem === undefined,
    reason: session.history.problem ?? null,
  },
  config: { path: session.configPath ?? null, warnings: session.issues.map((issue) => issue.message) },
  versions: { sg_export: VERSION, node: process.versions.node, system: `${process.platform} ${process.arch}` },
});

/** What this machine can do, as `doctor` tells it: each thing usable, or the reason why not. */
export async function examine(session: Session, options: ExamineOptions) {
  const looked = await findToolchain(session, options.signal).catch((error: unknown) => {
    if (error instanceof SgError && error.code === 'TOOLCHAIN') return error;
    throw error;
  });
  const gpus = await lookForGpus(session, options.signal);
  if (looked instanceof SgError) {
    return {
      ...blame(looked),
      encoders: [],
      filters: [],
      gpus: [],
      hwaccels: [],
      decoders: [],
      ...surroundings(session),
      ok: false,
      error: looked,
    };
  }
  const software = softwareTrials().map(plannedOf);
  const hardware = hardwareTrials(looked, gpus);
  const known = await tried(session, looked, [...software, ...hardware], options);
  const encoders = [...software.map((one) => softwareState(one, looked, known)), ...hardwareStates(hardware, known)];
  const lacking = encoders.filter((one) => NEEDED.includes(one.encoder) && !one.usable);
  return {
    ffmpeg: found(looked.ffmpeg),
    ffprobe: found(looked.ffprobe),
    encoders,
    filters: FILTERS.map(([filter, needed_for]) => ({
      filter,
      listed: looked.filters.includes(filter),
      needed_for,
    })),
    gpus: gpus.map((gpu) => gpuState(gpu, encoders)),
    hwaccels: await listHwaccels(looked, options.signal),
    decoders: await decodersOf(session, looked, gpus, options),
    ...surroundings(session),
    ok: lacking.length === 0,
    error:
      lacking.length === 0
        ? undefined
        : new SgError('TOOLCHAIN', lacking.map(({ encoder, reason }) => `${encoder}: ${reason}`).join('\n'), {
            hint: 'install a complete ffmpeg, or name one with --ffmpeg FILE',
          }),
  };
}
export type Examination = Awaited<ReturnType<typeof examine>>;
