import type { OptionValues } from '../model/option-values.ts';
import { valueOf } from '../model/rational.ts';
import { readOptions } from '../model/read-options.ts';
import { isHdr } from '../plan/colour.ts';
import { turnedSize } from '../plan/geometry.ts';
import { mainVideo, type Resolution, type ResolveInput, resolveExport } from '../plan/resolve.ts';
import type { Limits, ResolvedExport } from '../plan/resolved.ts';
import { naturalRate } from '../plan/timeline.ts';
import { platformDefaults } from '../presets/defaults.ts';
import type { DeliveryFacts } from '../presets/facts.ts';
import { judge, type RuleVerdict } from '../presets/judge.ts';
import type { Layered } from '../presets/layers.ts';
import { foldRequest, type RequestLayers } from './layers.ts';
import { plannedFacts } from './planned-facts.ts';

/** All that a decision depends on: the request's layers, and what was measured. */
export interface DecisionInput extends Omit<ResolveInput, 'layered' | 'limits'> {
  readonly layers: RequestLayers;
  /** More settings, as results tell them: why this encoder was taken. */
  readonly said?: Readonly<Record<string, unknown>>;
  /** What was measured of a source whose picture is copied for a platform. */
  readonly source?: DeliveryFacts | undefined;
}

export interface Decision extends Resolution {
  readonly layered: Layered;
  /** What the delivery will be, as far as the plan decides it. */
  readonly facts: DeliveryFacts | undefined;
  /** What the platform's rules say of the planned delivery; empty without one. */
  readonly verdicts: readonly RuleVerdict[];
}

interface PlatformLayer {
  readonly values: OptionValues | undefined;
  readonly limits: Limits;
  readonly issues: Resolution['issues'];
}

/** A platform's defaults for the frame that will be delivered, as far as it is known. What `--allow` lets pass shapes nothing. */
function platformLayer(
  { media, layers }: DecisionInput,
  allow: readonly string[],
  delivered: ResolvedExport | undefined,
): PlatformLayer {
  const stream = mainVideo(media);
  const { platform } = layers;
  if (!platform || !stream) return { values: undefined, limits: {}, issues: [] };
  const size = delivered?.video.geometry ?? turnedSize(stream, 0);
  const rate = delivered?.video.frameRate ?? naturalRate(stream, media);
  const { settings, constraints } = platformDefaults(
    { ...platform, rules: platform.rules.filter(({ rule }) => !allow.includes(rule)) },
    {
      width: size.width,
      height: size.height,
      frameRate: valueOf(rate),
      hdr: delivered ? delivered.video.colour.hdr !== undefined : isHdr(stream.colour),
    },
  );
  const { values, issues } = readOptions(settings, { kind: 'preset', file: `platform ${platform.platform_id}` });
  return { values, limits: constraints, issues };
}

/** A decision whose settings say more: what is said of hardware comes from whoever decided about hardware. */
export function tell(resolved: ResolvedExport, said: Readonly<Record<string, unknown>> = {}): ResolvedExport {
  const from = resolved.settingsFrom.hardware ?? 'default';
  const layers = Object.fromEntries(Object.keys(said).map((key) => [key, from]));
  return {
    ...resolved,
    settings: { ...resolved.settings, ...said },
    settingsFrom: { ...resolved.settingsFrom, ...layers },
  };
}

function resolveWith(input: DecisionInput, layer: PlatformLayer): Omit<Decision, 'verdicts' | 'facts'> {
  const { layers } = input;
  const layered = foldRequest(layers, layer.values);
  const named = layers.platform
    ? { ...layered, values: { ...layered.values, platform: layers.platform.platform_id } }
    : layered;
  const resolution = resolveExport({
    media: input.media,
    layered: named,
    destination: input.destination,
    limits: layer.limits,
    encoders: input.encoders,
    analyses: input.analyses,
    subtitleFile: input.subtitleFile,
    threads: input.threads,
    hardware: input.hardware,
    now: input.now,
  });
  const { resolved } = resolution;
  return {
    ...resolution,
    resolved: resolved && tell(resolved, input.said),
    layered: named,
    issues: [...layer.issues, ...resolution.issues],
  };
}

/** Decides everything about an export, and where a platform advises by the delivered frame, once more with that frame. Pure. */
export function decide(input: DecisionInput): Decision {
  const { layers, media } = input;
  const allow = foldRequest(layers, undefined).values.allow ?? [];
  const first = resolveWith(input, platformLayer(input, allow, undefined));
  const last =
    layers.platform && first.resolved ? resolveWith(input, platformLayer(input, allow, first.resolved)) : first;
  const facts = last.resolved && plannedFacts(last.resolved, media, input.source);
  return { ...last, facts, verdicts: layers.platform && facts ? judge(layers.platform, facts, allow) : [] };
}
