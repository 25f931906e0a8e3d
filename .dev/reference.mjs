// Writes src/commands/REFERENCE.md from the code.   node .dev/reference.mjs [--check]
// --check writes nothing, and exits 1 where the committed page is not the one that the code makes.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { referencePage } from './reference-page.mjs';
import { ROOT } from './tree.mjs';

const PAGE = join(ROOT, 'src/commands/REFERENCE.md');

// What the page is made from. Nothing of this runs an export or loads a native package.
const SOURCES = `
  export { buildProgram } from './src/commands/program.ts';
  export { PROGRAM_KEYS } from './src/app/layers.ts';
  export { CONFIG_PLACES } from './src/config/config-places.ts';
  export { PRESETS_FOLDER } from './src/config/preset-files.ts';
  export { AUDIO_CODECS } from './src/codecs/audio.ts';
  export { CONTAINERS } from './src/codecs/containers.ts';
  export { LEVELS } from './src/codecs/levels.ts';
  export { resolutionListings } from './src/codecs/listing.ts';
  export { VIDEO_CODECS } from './src/codecs/video.ts';
  export { EXIT_CODES } from './src/model/errors.ts';
  export { OPTION_GROUPS } from './src/model/option-row.ts';
  export { MULTI_OPTIONS } from './src/model/multi-options.ts';
  export { EXPORT_KEYS, JOB_KEYS } from './src/presets/job.ts';
  export { SIZE_CAPS, sizeCapRow } from './src/model/size-caps.ts';
  export { keyOf, OPTIONS } from './src/model/options.ts';
  export { findPreset, listPlatforms, listPresets } from './src/presets/catalogue.ts';
  export { describeRule } from './src/presets/judge.ts';
  export { platformRow, platformsTaking, presetRow } from './src/presets/rows.ts';
  export { settingsOf } from './src/plan/custom.ts';
`;

/** The tables of the sources, as they are now and not as they were built. */
async function loadTables() {
  const bundle = await build({
    stdin: { contents: SOURCES, resolveDir: ROOT, loader: 'ts' },
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'warning',
  });
  // Inside node_modules, so that packages are found from there.
  const folder = join(ROOT, 'node_modules/.cache/sg-export');
  const file = join(folder, `reference-${process.pid}.mjs`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, bundle.outputFiles[0].contents);
  try {
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(file);
  }
}

const page = await referencePage(await loadTables());
if (!process.argv.includes('--check')) writeFileSync(PAGE, page);
else if (readFileSync(PAGE, 'utf8') !== page) {
  process.stderr.write('src/commands/REFERENCE.md is not what the code says: run `node .dev/reference.mjs`\n');
  process.exit(1);
}
