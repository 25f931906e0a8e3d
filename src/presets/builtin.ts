import archive from '../../presets/archive.json' with { type: 'json' };
import mobile from '../../presets/mobile.json' with { type: 'json' };
import instagram from '../../presets/platforms/instagram.json' with { type: 'json' };
import linkedin from '../../presets/platforms/linkedin.json' with { type: 'json' };
import professionalPlatform from '../../presets/platforms/professional.json' with { type: 'json' };
import tiktok from '../../presets/platforms/tiktok.json' with { type: 'json' };
import twitter from '../../presets/platforms/twitter.json' with { type: 'json' };
import web from '../../presets/platforms/web.json' with { type: 'json' };
import youtube from '../../presets/platforms/youtube.json' with { type: 'json' };
import professional from '../../presets/professional.json' with { type: 'json' };
import socialQuality from '../../presets/social_quality.json' with { type: 'json' };
import socialQuick from '../../presets/social_quick.json' with { type: 'json' };
import webOptimized from '../../presets/web_optimized.json' with { type: 'json' };
import type { Platform } from './platform.ts';
import { type Preset, type PresetFile, presetOf } from './preset.ts';

// The shipped files are held against their schemas by the unit tests, not at every start: zod costs 40 ms.
const asPreset = (raw: unknown): Preset => {
  const file = raw as PresetFile;
  return presetOf(`presets/${file.preset_id}.json`, file, true);
};
const asPlatform = (raw: unknown): Platform => raw as Platform;

/** In the order of the listing. */
export const SYSTEM_PRESETS: readonly Preset[] = [
  socialQuick,
  socialQuality,
  webOptimized,
  professional,
  archive,
  mobile,
].map(asPreset);

/** In the order of the listing. */
export const PLATFORMS: readonly Platform[] = [
  youtube,
  instagram,
  tiktok,
  twitter,
  linkedin,
  web,
  professionalPlatform,
].map(asPlatform);
