// Who may import whom. A row of LAYERS is the whole rule for a folder: what it may import of src/, which packages, and
// which of Node's modules. The reasons are in src/README.md. `npm run check:layers` prints `instead` with a violation.

const ANY_NODE = '.*';
const PURE_NODE = 'path';
const TERMINAL_NODE = 'stream|tty|util|events';
const PURE =
  'This folder is pure: same input, same output. Pass in what it needs to know, or do it in the layer above.';
const PORTS =
  'This folder reaches the world only through ports that are passed in: add to the port, and build it in app.ts.';

const LAYERS = {
  model: { imports: [], packages: ['zod'], node: PURE_NODE, instead: `The nouns know nobody. ${PURE}` },
  codecs: { imports: ['model'], packages: [], node: PURE_NODE, instead: `Rows and predicates over rows. ${PURE}` },
  presets: { imports: ['model', 'codecs'], packages: ['zod'], node: PURE_NODE, instead: PURE },
  plan: { imports: ['model', 'codecs', 'presets'], packages: [], node: PURE_NODE, instead: PURE },
  engine: { imports: ['model', 'plan'], packages: [], node: PURE_NODE, instead: PORTS },
  analysis: { imports: ['model', 'codecs', 'plan'], packages: [], node: PURE_NODE, instead: PORTS },
  ffmpeg: {
    imports: ['model'],
    packages: ['execa', 'ffmpeg-static', 'ffprobe-static', 'zod'],
    node: ANY_NODE,
    instead: 'This folder only knows how to talk to ffmpeg; what to ask of it is decided in plan/ or analysis/.',
  },
  hw: {
    imports: ['model', 'codecs', 'ffmpeg'],
    packages: [],
    node: ANY_NODE,
    instead: 'Measure here, decide in plan/. Processes are started through ffmpeg/.',
  },
  files: {
    imports: ['model'],
    packages: [],
    node: ANY_NODE,
    instead: 'This folder puts files into place and knows nothing of films; pass paths and functions in.',
  },
  packaging: { imports: ['model', 'plan'], packages: [], node: PURE_NODE, instead: PORTS },
  report: { imports: ['model', 'plan'], packages: [], node: PURE_NODE, instead: PORTS },
  store: {
    imports: ['model'],
    packages: ['better-sqlite3', 'zod'],
    node: ANY_NODE,
    instead: 'History listens to events; what it keeps are the types of model/history.ts.',
  },
  config: {
    imports: ['model', 'presets'],
    packages: ['cosmiconfig', 'zod'],
    node: ANY_NODE,
    instead: 'This folder reads what was set; what the keys mean is decided in presets/ and plan/.',
  },
  ui: {
    imports: ['model'],
    packages: ['chalk', 'cli-progress', 'string-width', 'wrap-ansi'],
    node: TERMINAL_NODE,
    instead: 'This folder turns events and results into text on the streams that it is given; compute elsewhere.',
  },
  app: {
    imports: [
      'model',
      'codecs',
      'presets',
      'plan',
      'engine',
      'analysis',
      'ffmpeg',
      'hw',
      'files',
      'packaging',
      'report',
      'store',
      'config',
    ],
    packages: [],
    node: ANY_NODE,
    instead: 'This folder joins the others for app.ts; what people see is shown by commands/ and ui/.',
  },
  commands: {
    imports: ['model', 'codecs', 'presets', 'plan', 'ui', 'app.ts'],
    packages: ['commander', 'zod'],
    node: ANY_NODE,
    instead: 'A command turns flags into a request and hands it to the app that it is given.',
  },
};

const alternatives = (names) => names.map((name) => name.replaceAll('.', '\\.')).join('|');

/** A folder's three rules: other folders, packages, Node's own modules. */
function rulesOf([folder, layer]) {
  const from = { path: `^src/${folder}/` };
  const own = alternatives([...layer.imports, folder].map((name) => (name.endsWith('.ts') ? name : `${name}/`)));
  const packages = layer.packages.length > 0 ? `node_modules/(@types/)?(${alternatives(layer.packages)})/` : '^$';
  const rule = (kind, may, to) => ({
    name: `${folder}-${kind}`,
    comment: `src/${folder} may import ${may}. ${layer.instead}`,
    severity: 'error',
    from,
    to,
  });
  const listed = (names) => (names.length > 0 ? names.join(', ') : 'none');
  return [
    rule('layer', `of src/ only: ${listed(layer.imports)}`, { path: `^src/(?!${own})` }),
    rule('packages', `of the packages only: ${listed(layer.packages)}`, {
      path: 'node_modules/',
      pathNot: [packages, 'node_modules/@types/node/'],
    }),
    rule('node', `of Node's modules only: ${layer.node}`, {
      dependencyTypes: ['core'],
      pathNot: `^(node:)?(${layer.node})$`,
    }),
  ];
}

module.exports = {
  forbidden: [
    ...Object.entries(LAYERS).flatMap(rulesOf),
    {
      name: 'folder-has-a-row',
      comment:
        'Every folder of src/ has a row in .dependency-cruiser.cjs: say there what it may import, and in src/README.md why it exists.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${alternatives(Object.keys(LAYERS))})/` },
      to: {},
    },
    {
      name: 'commands-know-app-by-type',
      comment:
        'Commands start in milliseconds because app.ts loads later: import its type, and use the app that is passed in.',
      severity: 'error',
      from: { path: '^src/commands/' },
      to: { path: '^src/app\\.ts$', dependencyTypesNot: ['pre-compilation-only'] },
    },
    {
      name: 'one-file-starts-processes',
      comment: 'Only src/ffmpeg/spawn.ts starts processes, so that no ffmpeg is ever left behind: call it instead.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/ffmpeg/spawn\\.ts$' },
      to: { path: ['^(node:)?child_process$', 'node_modules/execa/'] },
    },
    {
      name: 'no-circle',
      comment:
        'Two files that need each other are one idea or three: join them, or move what both need into a file of its own.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphan',
      comment: 'Nothing imports this file and it imports nothing: delete it, or use it.',
      severity: 'error',
      from: { orphan: true, pathNot: ['^src/(cli|index)\\.ts$', '^bin/', '\\.d\\.ts$'] },
      to: {},
    },
    {
      name: 'resolvable',
      comment: 'This import does not lead anywhere: correct the path, or add the package to package.json.',
      severity: 'error',
      from: { path: '^src/' },
      // Optional packages are missing where they cannot be built or downloaded.
      to: { couldNotResolve: true, pathNot: '^(better-sqlite3|ffmpeg-static|ffprobe-static)$' },
    },
    {
      name: 'no-development-package',
      comment: 'Users do not get devDependencies: move the package to dependencies, or do without it.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
