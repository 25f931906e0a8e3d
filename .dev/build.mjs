// Bundles src/ into dist/.   node .dev/build.mjs [--release]
// --release, for the tarball: also type declarations, and nothing left over from earlier builds.
// --entry NAME=FILE and --out FOLDER exist to try the build on something small.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { DIST, ROOT, readJson, STAMP, sourceDigest } from './tree.mjs';

// Native, downloaded, or (cosmiconfig) found through its own file name: these only work from node_modules.
const EXTERNAL = ['better-sqlite3', 'ffmpeg-static', 'ffprobe-static', 'cosmiconfig', 'typescript'];

// CommonJS packages inside an ES module bundle still call require(), for Node's own modules alone (expectOnlyBuiltins).
// createRequire() in every chunk took some 2 ms of a start.
const BANNER = 'const require=(name)=>process.getBuiltinModule(name);';

// A running process may still load a chunk of the build before: stale ones go after an hour.
const KEEP_STALE_MS = 3_600_000;

/** Commander loads child_process for a feature that is not used here, which is a tenth of the time that --help takes. */
const lazyChildProcess = {
  name: 'lazy-child-process',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]commander[\\/]lib[\\/]command\.js$/ }, ({ path }) => {
      const eager = "const childProcess = require('node:child_process');";
      const lazy = "const childProcess = { spawn: (...args) => require('node:child_process').spawn(...args) };";
      const contents = readFileSync(path, 'utf8');
      if (!contents.includes(eager)) fail('commander loads child_process in another way now: look at lazyChildProcess');
      return { contents: contents.replace(eager, lazy), loader: 'js' };
    });
  },
};

const { values: options } = parseArgs({
  options: {
    release: { type: 'boolean', default: false },
    entry: { type: 'string', multiple: true },
    out: { type: 'string' },
  },
});

const outdir = options.out ? resolve(options.out) : DIST;
const entries = options.entry
  ? Object.fromEntries(options.entry.map((pair) => pair.split('=')))
  : { cli: join(ROOT, 'src/cli.ts'), index: join(ROOT, 'src/index.ts') };

function fail(message) {
  process.stderr.write(`build: ${message}\n`);
  process.exit(1);
}

/** The `require` of the banner finds nothing else. */
function expectOnlyBuiltins({ inputs }) {
  for (const [file, { imports }] of Object.entries(inputs)) {
    const other = imports.find(
      ({ kind, external, path }) => external && kind.startsWith('require') && !isBuiltin(path),
    );
    if (other) fail(`${file} requires ${other.path}, which is not bundled: look at BANNER`);
  }
}

function removeStale(kept) {
  for (const name of readdirSync(outdir)) {
    const path = join(outdir, name);
    if (kept.has(name) || !/\.js$|^types$/.test(name)) continue;
    if (options.release || Date.now() - statSync(path).mtimeMs > KEEP_STALE_MS) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

/** Chunks first and entries last, each by rename: whoever starts meanwhile sees a whole old or a whole new program. */
function writeOutputs(files) {
  mkdirSync(outdir, { recursive: true });
  const isEntry = (path) => Object.keys(entries).some((name) => path === join(outdir, `${name}.js`));
  const ordered = [...files].sort((a, b) => Number(isEntry(a.path)) - Number(isEntry(b.path)));
  for (const file of ordered) {
    const partial = `${file.path}.${process.pid}`;
    writeFileSync(partial, file.contents);
    renameSync(partial, file.path);
  }
  removeStale(new Set(ordered.map((file) => relative(outdir, file.path))));
}

function writeDeclarations() {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const run = spawnSync(process.execPath, [tsc, '--project', join(ROOT, '.dev/tsconfig.types.json')], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (run.status !== 0) fail('the type declarations could not be made; npm run check:types says more');
}

for (const [name, file] of Object.entries(entries)) {
  if (!existsSync(file)) fail(`the entry point ${relative(ROOT, file)} (${name}) is missing`);
}
// Taken before, so that a file saved during the build makes the next set-up build again.
const digest = sourceDigest();
const started = performance.now();
const result = await build({
  absWorkingDir: ROOT,
  entryPoints: entries,
  outdir,
  write: false,
  bundle: true,
  splitting: true,
  metafile: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: EXTERNAL,
  plugins: [lazyChildProcess],
  banner: { js: BANNER },
  define: { __VERSION__: JSON.stringify(readJson(join(ROOT, 'package.json')).version) },
  chunkNames: 'chunk-[hash]',
  // Names stay, so that the stack of a bug report can be read without a source map.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
}).catch(() => fail('esbuild found errors, see above'));
expectOnlyBuiltins(result.metafile);
writeOutputs(result.outputFiles);
if (options.release) writeDeclarations();
if (!options.out) writeFileSync(STAMP, `${digest}\n`);
const bytes = result.outputFiles.reduce((sum, file) => sum + file.contents.length, 0);
const took = ((performance.now() - started) / 1000).toFixed(1);
process.stderr.write(`build: ${result.outputFiles.length} files, ${Math.round(bytes / 1000)} kB, ${took} s\n`);
