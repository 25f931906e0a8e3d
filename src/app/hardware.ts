import { type EncoderRow, isTakenBy } from '../codecs/encoder-row.ts';
import { drives, HARDWARE_FAMILIES, hardwareFamily } from '../codecs/hardware.ts';
import { VIDEO_CODECS, videoCodec } from '../codecs/video.ts';
import type { Gpu } from '../hw/devices.ts';
import { TRIAL_SIZE } from '../hw/trial.ts';
import type { Issue } from '../model/errors.ts';
import type { HardwareOffer } from '../model/hardware.ts';
import type { HardwareKind, Toolchain } from '../model/toolchain.ts';
import { estimateBytes } from '../plan/estimate.ts';
import { warn, wrong } from '../plan/finding.ts';
import { lackOf, reasonForSoftware } from '../plan/hardware.ts';
import { mainVideo } from '../plan/resolve.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import type { Session } from './call.ts';
import { type Decision, type DecisionInput, tell } from './decide.ts';
import type { Deciding } from './decide-again.ts';
import { type TrialWish, wishOf } from './encoder-trials.ts';
import { type Machine, machineOf } from './machine.ts';
import { maximumOf } from './max-size.ts';

export interface HardwareAsk {
  readonly session: Session;
  readonly depends: DecisionInput;
  /** The request as software would make it. */
  readonly software: Decision;
  readonly decideAgain: Deciding;
  readonly toolchain: Toolchain;
  readonly signal: AbortSignal;
}

/** What encodes a request, and what takes over where that fails on its device. */
export interface HardwareChoice {
  readonly decision: Decision;
  readonly depends: DecisionInput;
  /** The request as software makes it, where a device was chosen: what it is compared by, and what may take over. */
  readonly software: Decision | undefined;
  readonly mayFallBack: boolean;
}

interface Place {
  readonly row: EncoderRow;
  readonly gpu: Gpu | undefined;
}

const deviceText = ({ number, name }: Gpu): string => `GPU ${number} (${name})`;

/** Who types the number of a device wants that one: that it is not used is no secret. A farm's configuration names one for all its machines. */
function unusedDevice({ software: { layered } }: HardwareAsk, why: string): readonly Issue[] {
  const { gpu, hw = 'auto' } = layered.values;
  if (gpu === undefined || layered.from.gpu !== 'flag' || (hw !== 'auto' && hw !== 'off')) return [];
  return [warn('gpu_not_used', '--gpu', `--gpu ${gpu}: ${why}: encoded in software`)];
}

function inSoftware(ask: HardwareAsk, why: string, more: readonly Issue[] = []): HardwareChoice {
  const { software } = ask;
  const issues = [...unusedDevice(ask, why), ...more];
  const said = { hardware_reason: why };
  return {
    decision: {
      ...software,
      resolved: software.resolved && tell(software.resolved, said),
      issues: [...software.issues, ...issues],
    },
    depends: { ...ask.depends, said },
    software: undefined,
    mayFallBack: false,
  };
}

/** Encoders of a codec, each on each device that it is for, best first. */
function placesFor(rows: readonly EncoderRow[], gpus: readonly Gpu[], number: number | undefined): readonly Place[] {
  const allowed = gpus.filter((gpu) => number === undefined || gpu.number === number);
  return HARDWARE_FAMILIES.flatMap((family) =>
    rows
      .filter(({ hardware }) => hardware === family.kind)
      .flatMap((row) => allowed.filter((gpu) => drives(family, gpu)).map((gpu) => ({ row, gpu }))),
  );
}

/** Why an encoder cannot be used in a place for such a film, or undefined where a trial proved it. */
async function against(
  { row, gpu }: Place,
  pixelFormat: string,
  wish: TrialWish,
  machine: Machine,
  { encoders, ffmpeg }: Toolchain,
): Promise<string | undefined> {
  if (!encoders.includes(row.encoder)) return `this ffmpeg has no ${row.encoder}`;
  const wanted = row.formats.find(({ name }) => name === pixelFormat);
  if (wanted && !isTakenBy(wanted, ffmpeg.release))
    return `${row.encoder} takes ${pixelFormat} from ffmpeg ${wanted.since?.join('.')} on, and this is ${ffmpeg.version}`;
  return (await machine.encoder(row, pixelFormat, gpu, wish)).reason ?? undefined;
}

/** The request decided for a place that was proved. */
async function decidedAt(ask: HardwareAsk, { row, gpu }: Place, kind: HardwareKind, why: string) {
  const { depends, toolchain, decideAgain, session, signal } = ask;
  const stream = mainVideo(depends.media);
  const isSource = stream !== undefined && (hardwareFamily(kind).chain?.sources.includes(stream.codec) ?? false);
  const machine = machineOf(session, toolchain, signal);
  const decoded = isSource && gpu ? await machine.decoder(row, gpu, depends.media.path, stream) : undefined;
  const { number, ordinal, node } = gpu ?? { number: 0, ordinal: 0, node: undefined };
  const hardware: HardwareOffer = {
    ...{ kind, encoder: row.encoder, device: { number, ordinal, node } },
    sessions: gpu && hardwareFamily(kind).sessions?.(gpu),
    ...{ decodes: decoded?.reason === null, filters: toolchain.filters },
  };
  const said = { hardware_reason: why, hardware_device: gpu ? deviceText(gpu) : hardwareFamily(kind).name };
  const onDevice: DecisionInput = { ...depends, hardware, said };
  return { decision: await decideAgain(onDevice), depends: onDevice };
}

const hasError = ({ issues }: Pick<Decision, 'issues'>): boolean => issues.some(({ severity }) => severity === 'error');

/** A platform's or the user's maximum may have to be met by another try, which is software's. */
function isNearMaximum({ depends, software }: HardwareAsk, resolved: ResolvedExport): boolean {
  const maximum = maximumOf(depends, software.layered);
  return maximum !== undefined && estimateBytes(resolved, depends.media) > maximum;
}

/** Why an encoder is not taken in a place, or undefined: it lacks something, or a trial says so. */
async function verdictOn(place: Place, resolved: ResolvedExport, machine: Machine, toolchain: Toolchain) {
  const { video } = resolved;
  return lackOf(place.row, resolved) ?? (await against(place, video.pixelFormat, wishOf(video), machine, toolchain));
}

/** `--hw auto`: the first device that was proved and loses nothing, else software, with the reason. */
async function automatic(ask: HardwareAsk, resolved: ResolvedExport): Promise<HardwareChoice> {
  const { software, session, toolchain, signal } = ask;
  const why = reasonForSoftware(resolved, software.layered);
  if (why !== undefined) return inSoftware(ask, why);
  if (isNearMaximum(ask, resolved)) return inSoftware(ask, 'a size is kept to by software only');
  const machine = machineOf(session, toolchain, signal);
  if (machine.none) return inSoftware(ask, 'this machine has no graphics device');
  const { gpu: number } = software.layered.values;
  const places = placesFor(videoCodec(resolved.video.codec)?.encoders ?? [], await machine.gpus(), number);
  // All that could be taken are tried at once, and the best that works is.
  const verdicts = await Promise.all(places.map((place) => verdictOn(place, resolved, machine, toolchain)));
  for (const place of places.filter((_, at) => verdicts[at] === undefined)) {
    const { row, gpu } = place;
    if (!row.hardware || !gpu) continue;
    const works = `${row.encoder} was tried on ${deviceText(gpu)} and works`;
    const { decision, depends } = await decidedAt(ask, place, row.hardware, works);
    if (decision.resolved && !hasError(decision)) return { decision, depends, software, mayFallBack: true };
  }
  const reasons = new Set(places.flatMap(({ row }, at) => (verdicts[at] ? [`${row.encoder}: ${verdicts[at]}`] : [])));
  const none = number === undefined ? 'no graphics device' : `no GPU ${number}`;
  return inSoftware(ask, [...reasons].join('; ') || `there is ${none} here that encodes ${resolved.video.codec}`);
}

/** What works in place of hardware that does not, in one line. */
async function whatWorks(ask: HardwareAsk, rows: readonly EncoderRow[]): Promise<string> {
  const machine = machineOf(ask.session, ask.toolchain, ask.signal);
  const plain = '--hw auto or --hw off encodes in software, and so does --hw-fallback';
  const { resolved } = ask.software;
  if (machine.none || !resolved) return plain;
  const places = placesFor(rows, await machine.gpus(), undefined);
  const verdicts = await Promise.all(places.map((place) => verdictOn(place, resolved, machine, ask.toolchain)));
  const [works] = places.filter((_, at) => verdicts[at] === undefined);
  if (!works?.gpu) return plain;
  return `--hw ${works.row.hardware} --gpu ${works.gpu.number} works here; ${plain}`;
}

/** Why `--hw NAME` does not go, with what goes. */
async function unusable(
  ask: HardwareAsk,
  kind: HardwareKind,
  message: string,
  others: readonly EncoderRow[],
): Promise<HardwareChoice> {
  const { values } = ask.software.layered;
  const what = `--hw ${kind}: ${message}`;
  if (values.hwFallback) {
    const said = warn('hardware_unusable', '--hw', `${what}: encoded in software (--hw-fallback)`);
    return inSoftware(ask, what, [said]);
  }
  const hint = await whatWorks(ask, others);
  return inSoftware(ask, what, [wrong('hardware_unusable', '--hw', what, hint, 'TOOLCHAIN')]);
}

const codecsOf = (kind: HardwareKind): string =>
  VIDEO_CODECS.filter(({ encoders }) => encoders.some(({ hardware }) => hardware === kind))
    .map(({ id }) => id)
    .join(', ');

/** The first place that works, or the reason of the first that does not. */
async function tryPlaces(
  ask: HardwareAsk,
  places: readonly Place[],
  kind: HardwareKind,
  pixelFormat: string,
  { video }: ResolvedExport,
): Promise<HardwareChoice | string> {
  const { software, session, toolchain, signal } = ask;
  const { hwFallback, targetQuality } = software.layered.values;
  const machine = machineOf(session, toolchain, signal);
  let reason = '';
  for (const place of places) {
    const where = place.gpu ? deviceText(place.gpu) : hardwareFamily(kind).name;
    let failed = await against(place, pixelFormat, { ...wishOf(video), ...TRIAL_SIZE }, machine, toolchain);
    if (failed === undefined) {
      const why = `${place.row.encoder} was asked for, and works on ${where}`;
      const { decision, depends } = await decidedAt(ask, place, kind, why);
      const made = decision.resolved?.video;
      // What breaks a rule is refused for that, without a look at the device.
      if (made && !hasError(decision))
        failed = await against(place, made.pixelFormat, wishOf(made), machine, toolchain);
      // A quality that was searched for on the device says nothing of software.
      const mayFallBack = hwFallback === true && targetQuality === undefined && !hasError(software);
      if (failed === undefined) return { decision, depends, software, mayFallBack };
    }
    reason ||= failed;
  }
  return reason;
}

/** `--hw NAME`: that maker's encoder, or a refusal in the trial's own words. */
async function named(ask: HardwareAsk, kind: HardwareKind, resolved: ResolvedExport): Promise<HardwareChoice> {
  const { software, session, toolchain, signal } = ask;
  const { gpu: number } = software.layered.values;
  const family = hardwareFamily(kind);
  const codec = videoCodec(resolved.video.codec);
  if (!codec) return unusable(ask, kind, 'nothing is encoded: the picture is copied', []);
  const row = codec.encoders.find(({ hardware }) => hardware === kind);
  if (!row)
    return unusable(ask, kind, `${family.name} does not encode ${codec.name}, only ${codecsOf(kind)}`, codec.encoders);
  const others = codec.encoders.filter((one) => one !== row);
  const gpus = await machineOf(session, toolchain, signal).gpus();
  if (number !== undefined && !gpus.some((gpu) => gpu.number === number)) {
    const there = gpus.length === 0 ? 'none' : gpus.map(deviceText).join(', ');
    return unusable(ask, kind, `there is no GPU ${number} here (there is ${there})`, others);
  }
  const places = placesFor([row], gpus, number);
  const asked = row.formats.find(({ name }) => name === resolved.video.pixelFormat) ?? row.formats[0];
  const all: readonly Place[] = places.length > 0 ? places : [{ row, gpu: undefined }];
  const chosen = await tryPlaces(ask, all, kind, asked?.name ?? 'yuv420p', resolved);
  return typeof chosen === 'string' ? unusable(ask, kind, `${row.encoder} cannot be used: ${chosen}`, others) : chosen;
}

/** Decides what encodes: by `--hw`, by what was proved on this machine, and by what the request needs. */
export async function chooseHardware(ask: HardwareAsk): Promise<HardwareChoice> {
  const { software } = ask;
  const { resolved, layered } = software;
  const hw = layered.values.hw ?? 'auto';
  if (!resolved || hw === 'off') return inSoftware(ask, 'hardware is off');
  if (hw !== 'auto') return named(ask, hw, resolved);
  return hasError(software) ? inSoftware(ask, 'the request cannot be made') : automatic(ask, resolved);
}
