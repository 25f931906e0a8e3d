import { availableParallelism } from 'node:os';
import type { SampleBench } from '../analysis/samples.ts';
import type { EncoderRow } from '../codecs/encoder-row.ts';
import { encoderRow } from '../codecs/video.ts';
import { meanPsnr, readQualityLogs } from '../engine/measure-quality.ts';
import type { Issue } from '../model/errors.ts';
import type { QualityTarget } from '../model/option-values.ts';
import { valueOf } from '../model/rational.ts';
import type { Toolchain } from '../model/toolchain.ts';
import { warn, wrong } from '../plan/finding.ts';
import { PSNR_LOG, SSIM_LOG, VMAF_LOG, type VmafWish, vmafFor } from '../plan/quality-graph.ts';
import { onWhole, type QualityProbe, searchQuality } from '../plan/quality-search.ts';
import type { ResolvedExport } from '../plan/resolved.ts';
import { isOwnSample, type Part } from '../plan/sample-parts.ts';
import { sampleQualityCommands } from '../plan/samples.ts';
import type { Decision, DecisionInput } from './decide.ts';
import { type Deciding, decideWithFlags } from './decide-again.ts';
import { requestHash } from './request-hash.ts';
import { withSampleBench } from './sample-bench.ts';
import { samplePlaces } from './sampled.ts';
import { isNumber, type SourceCache } from './source-cache.ts';

interface Search {
  readonly resolved: ResolvedExport;
  readonly depends: DecisionInput;
  readonly row: EncoderRow;
  readonly target: QualityTarget;
  readonly vmaf: VmafWish | undefined;
  readonly toolchain: Toolchain;
  readonly cache: SourceCache;
}

const FLAG = '--target-quality';
const spelt = ({ metric, value }: QualityTarget): string => `${metric}=${value}`;

function atCrf(resolved: ResolvedExport, crf: number): ResolvedExport {
  return { ...resolved, video: { ...resolved.video, rate: { mode: 'crf', crf }, twoPass: false } };
}

/** All that a probe's figure depends on, beside the source and the ffmpeg. */
const dependsOf = ({ resolved, target }: Search, crf: number): readonly unknown[] => [
  requestHash(atCrf(resolved, crf)),
  resolved.video.encoder,
  target.metric,
];

async function measure(search: Search, crf: number, parts: readonly Part[], bench: SampleBench): Promise<number> {
  const { resolved, depends, row, target, vmaf } = search;
  for (const args of sampleQualityCommands(atCrf(resolved, crf), depends.media, parts, vmaf))
    await bench.run(args, row.env ?? {});
  const logs = {
    ssim: await bench.readText(SSIM_LOG),
    psnr: await bench.readText(PSNR_LOG),
    vmaf: vmaf ? await bench.readText(VMAF_LOG) : '',
  };
  const rate = resolved.video.frameRate;
  const pictures = readQualityLogs(logs, rate ? valueOf(rate) : 25);
  if (target.metric === 'psnr') return meanPsnr(pictures.map(({ psnr }) => psnr));
  return (
    pictures.reduce((sum, one) => sum + (target.metric === 'vmaf' ? (one.vmaf ?? 0) : one.ssim), 0) / pictures.length
  );
}

/** Measures at one constant quality, once for a source and its settings: on samples, or on the `whole` of a longer film. */
function probing(wanted: Search, bench: SampleBench, signal: AbortSignal) {
  const { toolchain, resolved, depends, cache } = wanted;
  let places: ReturnType<typeof samplePlaces> | undefined;
  const samples = async (): Promise<readonly Part[]> => {
    places ??= samplePlaces(resolved, { media: depends.media, toolchain, signal });
    return (await places).parts;
  };
  const whole: readonly Part[] = [{ fromSec: 0, durationSec: resolved.timeline.durationSec }];
  return async (crf: number, of: 'samples' | 'whole'): Promise<number> => {
    const on = [...dependsOf(wanted, crf), of];
    const found = await cache.remember('quality-probe', on, isNumber, async () => ({
      value: await measure(wanted, crf, of === 'whole' ? whole : await samples(), bench),
    }));
    return found.value;
  };
}

/** Probes until the search ends. A longer film is encoded whole once, where samples say that it is near: scenes differ by more than is promised. */
async function search(wanted: Search, signal: AbortSignal) {
  const { toolchain, resolved, row, target } = wanted;
  return withSampleBench({ toolchain, sessions: resolved.video.hardware?.sessions, signal }, async (bench) => {
    const figureAt = probing(wanted, bench, signal);
    let probes: QualityProbe[] = [];
    let asWhole: ((figure: number) => number) | undefined = isOwnSample(resolved) ? (figure) => figure : undefined;
    for (;;) {
      const step = searchQuality(row, probes, target);
      if (step.kind === 'probe') {
        const figure = await figureAt(step.crf, 'samples');
        probes.push({ crf: step.crf, figure: asWhole ? asWhole(figure) : figure });
      } else if (asWhole) return { ...step, probes };
      else {
        const { crf, figure } = step.probe;
        const moved = onWhole(target, figure, await figureAt(crf, 'whole'));
        probes = probes.map((probe) => ({ ...probe, figure: moved(probe.figure) }));
        asWhole = moved;
      }
    }
  });
}

function impossible({
  resolved,
  layered,
}: {
  readonly resolved: ResolvedExport;
  readonly layered: Decision['layered'];
}): readonly Issue[] {
  const { values, from } = layered;
  const others = (['crf', 'bitrate', 'targetSize', 'maxBitrate', 'twoPass'] as const).filter(
    (key) => from[key] === 'flag' && values[key] !== false,
  );
  if (others.length > 0) {
    const flag = others[0]?.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return [
      wrong('target_quality_conflict', FLAG, `${FLAG} does not go with --${flag}`, 'the quality decides the rest'),
    ];
  }
  if (!encoderRow(resolved.video.encoder)?.crf) {
    const what = `${FLAG} means nothing to ${resolved.settings.video_codec}: it has no scale of constant quality`;
    return [wrong('target_quality_codec', FLAG, what, '--codec h264, h265, vp9 or av1')];
  }
  if (!resolved.video.frameRate) {
    const what = `${FLAG} needs a constant frame rate: this output keeps its source's timestamps`;
    return [wrong('target_quality_rate', FLAG, what, '--fps gives it one')];
  }
  return [];
}

/** Replaces a wish for a figure by the constant quality that reaches it on samples of the film, or the whole of a short one. */
export async function atTargetQuality(
  cache: SourceCache,
  depends: DecisionInput,
  first: Decision,
  decideAgain: Deciding,
  toolchain: Toolchain,
  signal: AbortSignal,
): Promise<Decision> {
  const { resolved, layered, issues } = first;
  const { targetQuality: target, bestEffort } = layered.values;
  if (!target || !resolved || issues.some(({ severity }) => severity === 'error')) return first;
  const refuse = (...findings: readonly Issue[]): Decision => ({ ...first, issues: [...issues, ...findings] });
  const findings = impossible({ resolved, layered });
  const row = encoderRow(resolved.video.encoder);
  if (findings.length > 0 || !row) return refuse(...findings);
  const vmaf =
    target.metric === 'vmaf' ? vmafFor(resolved.video.geometry, toolchain.filters, availableParallelism()) : undefined;
  if (target.metric === 'vmaf' && !vmaf) {
    const what = `${FLAG} ${spelt(target)}: this ffmpeg cannot measure VMAF of it`;
    return refuse(wrong('no_vmaf', FLAG, what, 'ssim=0.98, or an ffmpeg with libvmaf', 'TOOLCHAIN'));
  }
  const found = await search({ resolved, depends, row, target, vmaf, toolchain, cache }, signal);
  const { crf, figure } = found.probe;
  const nearest = `the nearest is ${target.metric}=${figure.toFixed(4)} at CRF ${crf}`;
  if (!found.reached && !bestEffort) {
    const what = `${FLAG} ${spelt(target)} is not reached: ${nearest}`;
    return refuse(wrong('target_quality_missed', FLAG, what, '--best-effort takes that', 'TARGET'));
  }
  const { mode: _mode, ...flags } = depends.layers.flags;
  const said = found.reached ? [] : [warn('target_quality_missed', FLAG, `${FLAG} ${spelt(target)}: ${nearest}`)];
  return decideWithFlags(depends, { ...flags, crf }, decideAgain, {
    settings: { target_quality: spelt(target), quality_found: figure, quality_probes: found.probes.length },
    issues: said,
  });
}
