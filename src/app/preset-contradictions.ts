import { VIDEO_CODECS } from '../codecs/video.ts';
import type { Issue } from '../model/errors.ts';
import { nominalMedia } from '../model/nominal-media.ts';
import { readOptions } from '../model/read-options.ts';
import { findPlatform } from '../presets/catalogue.ts';
import type { ResolvedPreset } from '../presets/preset.ts';
import { decide } from './decide.ts';
import { momentNow } from './moment.ts';

/** Flags that speak of one source: whether they fit is seen when there is one. */
const ABOUT_A_SOURCE = ['--start', '--duration', '--audio-track', '--channels', '--hdr'];

/** What no source could make right: a codec that its container cannot hold, a quality that its encoder does not have. */
export function contradictions(preset: ResolvedPreset): readonly Issue[] {
  const { values } = readOptions(preset.settings, { kind: 'preset', file: preset.preset_id });
  const { found: platform } = values.platform === undefined ? {} : findPlatform(values.platform);
  const { issues } = decide({
    media: nominalMedia(),
    layers: { base: [], preset: { layer: 'preset', values }, flags: {}, platform, issues: [] },
    destination: { kind: 'folder', path: '/' },
    encoders: VIDEO_CODECS.flatMap((codec) => codec.encoders.map(({ encoder }) => encoder)),
    analyses: {},
    threads: undefined,
    now: momentNow(),
  });
  return issues.filter(({ severity, path }) => severity === 'error' && !ABOUT_A_SOURCE.includes(path));
}
