import { findGpus, type Gpu } from '../hw/gpus.ts';
import type { Trial, TrialResult } from '../hw/trial.ts';
import { SgError } from '../model/errors.ts';
import type { Binary, Toolchain } from '../model/toolchain.ts';
import { VERSION } from '../model/version.ts';
import type { Session } from './call.ts';
import { runTrials, trialsFor } from './encoder-trials.ts';
import { findToolchain } from './toolchain.ts';
import { cachedTrials, keepTrials, type Trials } from './trials.ts';

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

interface EncoderState {
  readonly encoder: string;
  readonly kind: Trial['kind'];
  readonly hardware: boolean;
  readonly listed: boolean;
  readonly usable: boolean;
  readonly reason: string | null;
}

const HARDWARE_FAMILIES: Readonly<Record<Gpu['vendor'], readonly string[]>> = {
  nvidia: ['nvenc'],
  intel: ['qsv', 'vaapi'],
  amd: ['amf', 'vaapi'],
  unknown: ['vaapi'],
};

const isHardware = (encoder: string): boolean =>
  Object.values(HARDWARE_FAMILIES)
    .flat()
    .concat('videotoolbox')
    .some((family) => encoder.endsWith(`_${family}`));

function stateOf(trial: Trial, toolchain: Toolchain, reasons: Trials): EncoderState {
  const listed = toolchain.encoders.includes(trial.encoder);
  const reason = listed ? (reasons[trial.encoder] ?? null) : 'not in this ffmpeg';
  const { encoder, kind } = trial;
  return { encoder, kind, hardware: isHardware(encoder), listed, usable: reason === null, reason };
}

/** What the trials say, from the cache where they were made before. What failed only for now is not remembered. */
async function tried(
  session: Session,
  toolchain: Toolchain,
  trials: readonly Trial[],
  options: ExamineOptions,
): Promise<Trials> {
  const known = options.refresh ? {} : cachedTrials(session, toolchain);
  const open = trials.filter(({ encoder }) => toolchain.encoders.includes(encoder) && !Object.hasOwn(known, encoder));
  if (open.length === 0) return known;
  options.onTrials?.(open.length);
  const results = await runTrials(toolchain, open, options.signal);
  const reasons = (keep: (result: TrialResult) => boolean): Trials =>
    Object.fromEntries(
      [...results]
        .filter(([, result]) => keep(result))
        .map(([encoder, result]) => [encoder, result.usable ? null : result.reason]),
    );
  keepTrials(session, toolchain, { ...known, ...reasons((result) => result.usable || !result.passing) });
  return { ...known, ...reasons(() => true) };
}

function gpuState(gpu: Gpu, encoders: readonly EncoderState[] | undefined) {
  const families = HARDWARE_FAMILIES[gpu.vendor];
  const own = (encoders ?? []).filter(({ encoder }) => families.some((family) => encoder.endsWith(`_${family}`)));
  const usable = own.filter((one) => one.usable);
  const why = encoders ? `this ffmpeg has no encoder for it (${families.join(', ')})` : 'there is no ffmpeg to use it';
  const reason = gpu.problem ?? (usable.length > 0 ? null : (own[0]?.reason ?? why));
  const { name, vendor, device } = gpu;
  return { name, vendor, device, usable: reason === null, encoders: usable.map((one) => one.encoder), reason };
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
  const looked = await findToolchain(session).catch((error: unknown) => {
    if (error instanceof SgError && error.code === 'TOOLCHAIN') return error;
    throw error;
  });
  const gpus = await findGpus(options.signal);
  if (looked instanceof SgError) {
    return {
      ...blame(looked),
      encoders: [],
      filters: [],
      gpus: [],
      ...surroundings(session),
      ok: false,
      error: looked,
    };
  }
  const trials = trialsFor(looked);
  const reasons = await tried(session, looked, trials, options);
  const encoders = trials.map((trial) => stateOf(trial, looked, reasons));
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
