// The reference page as Markdown, from the tables of the code.

/** Inside a code span nothing but the bar is special to a table; outside, `<` would begin a tag. */
const cell = (text) =>
  String(text ?? '')
    .split('`')
    .map((part, index) => (index % 2 === 0 ? part.replaceAll('<', '&lt;') : part))
    .join('`')
    .replaceAll('|', '\\|')
    .replaceAll('\n', '<br>');
const code = (text) => `\`${text}\``;
const codes = (list) => list.map(code).join(' ');

function table(titles, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map((row) => line(row.map(cell)))].join('\n');
}

const section = (title, ...parts) => [`## ${title}`, ...parts.filter(Boolean)].join('\n\n');

/** Leaves of the tree of commands, with their paths; a command with a default child stands for it too. */
function leaves(command, path = []) {
  return command.commands.flatMap((child) => {
    const own = [...path, child.name()];
    return child.commands.length > 0 ? leaves(child, own) : [{ command: child, path: own }];
  });
}

const withChoices = ({ description, argChoices }) =>
  argChoices ? `${description}: ${argChoices.join(', ')}` : description;
const flagRow = (option) => [code(option.flags), withChoices(option)];

function commandParts({ program, tables }) {
  const shared = new Map(tables.OPTIONS.map((row) => [`--${row.name}`, row]));
  // A flag of the same name that a command explains in its own words is its own.
  const isShared = (option) => {
    const row = shared.get((option.long ?? '').replace(/^--no-/, '--'));
    return row !== undefined && option.description.includes(row.help);
  };
  return leaves(program).map(({ command, path }) => {
    const own = command.options.filter((option) => !option.hidden && !isShared(option));
    const takesShared = command.options.some(isShared);
    const args = command.registeredArguments.map((one) => [
      code(one.required ? `<${one.name()}>` : `[${one.name()}]`),
      withChoices(one),
    ]);
    return [
      `### ${path.join(' ')}`,
      command.description(),
      args.length > 0 || own.length > 0 ? table(['Argument', 'Meaning'], [...args, ...own.map(flagRow)]) : '',
      takesShared ? 'Also takes [the flags of an export](#flags-of-an-export).' : '',
    ]
      .filter(Boolean)
      .join('\n\n');
  });
}

const SCOPES = {
  delivery: 'config, environment, presets, job files',
  run: 'config, environment, job files',
  local: 'command line only',
};

function takes(row) {
  if (row.values) return codes(row.values);
  return row.kind === 'flag' ? '' : code(row.placeholder ?? row.name.split('-').at(-1));
}

function flagTables({ OPTIONS, OPTION_GROUPS, keyOf }) {
  // What concerns several exports is told with its command.
  const groups = OPTION_GROUPS.filter((group) => OPTIONS.some((row) => row.group === group));
  return groups.map((group) => {
    const rows = OPTIONS.filter((row) => row.group === group).map((row) => [
      code(`${row.short ? `-${row.short}, ` : ''}--${row.name}`) +
        (row.negatable ? ` ${code(`--no-${row.name}`)}` : ''),
      [takes(row), row.synonyms ? `also ${codes(Object.keys(row.synonyms))}` : ''].filter(Boolean).join('; '),
      row.help,
      row.scope === 'local' ? '' : codes([keyOf(row.name), ...(row.keys ?? [])]),
      SCOPES[row.scope],
    ]);
    return `### ${group}\n\n${table(['Flag', 'Takes', 'Meaning', 'Key', 'May also stand in'], rows)}`;
  });
}

const PROGRAM_KEY_MEANINGS = {
  $schema: "the file's JSON Schema, for editors",
  ffmpeg: 'the ffmpeg to use, and no other; relative to this file',
  ffprobe: 'the ffprobe to use, and no other; relative to this file',
  db: 'the history database',
  presets: 'files and folders with presets, relative to this file',
};

function configSection({ PROGRAM_KEYS, CONFIG_PLACES, PRESETS_FOLDER }) {
  const unknown = PROGRAM_KEYS.filter((key) => !(key in PROGRAM_KEY_MEANINGS));
  if (unknown.length > 0) throw new Error(`the reference page does not say what ${unknown.join(', ')} means`);
  return section(
    'Configuration',
    'Layers, weakest first: built-in, configuration file, environment, platform, preset, flags. A platform or preset ' +
      "that the file or the environment names stands below that layer's own keys.",
    `The nearest file from the working folder upwards is used, else the user's own: ${codes(CONFIG_PLACES)}. ` +
      `${code('--config FILE')} names another. JSON or YAML, never a program.`,
    `The keys are those of [the flags](#flags-of-an-export); an unknown one is exit 2. Environment: ${code('SG_EXPORT_<KEY>')} ` +
      `in capitals, such as ${code('SG_EXPORT_MAX_BITRATE')}. Besides:`,
    table(
      ['Key', 'Meaning'],
      PROGRAM_KEYS.map((key) => [code(key), PROGRAM_KEY_MEANINGS[key]]),
    ),
    `Presets may also be JSON files in the folder ${code(PRESETS_FOLDER)} beside the configuration file.`,
  );
}

const JOB_KEY_MEANINGS = {
  $schema: "the file's JSON Schema, for editors",
  source: 'a file, a folder or a pattern',
  sources: 'a list of them; sources on the command line stand in their place',
  exports: 'a list: `codec:resolution:quality`, or a mapping of settings',
  filename_suffix: 'of one export: stands behind its name',
  output_folder: 'of one export: its own folder',
};

function jobSection({ JOB_KEYS, EXPORT_KEYS, MULTI_OPTIONS, keyOf }) {
  const own = [...JOB_KEYS, ...EXPORT_KEYS];
  const unknown = own.filter((key) => !(key in JOB_KEY_MEANINGS));
  if (unknown.length > 0) throw new Error(`the reference page does not say what ${unknown.join(', ')} means`);
  return section(
    'Job files',
    `${code('multi --job FILE')} reads YAML or JSON. Keys are those of [the flags](#flags-of-an-export), for all exports at the ` +
      'top or for one in its mapping; an unknown one is exit 2. Flags on the command line win over the file; paths in it are relative to it. Besides (the last ones, ' +
      'but for the folder, may also stand in the configuration and the environment):',
    table(
      ['Key', 'Meaning'],
      [
        ...own.map((key) => [code(key), JOB_KEY_MEANINGS[key]]),
        ...MULTI_OPTIONS.map((row) => [code(keyOf(row.name)), `${code(`--${row.name}`)}: ${row.help}`]),
      ],
    ),
  );
}

const LEVEL_NAMES = ['draft', 'low', 'medium', 'high', 'ultra'];

const signed = (points) => `${points > 0 ? '+' : ''}${points.toFixed(1)}`.replace('-', '−');
const lookText = ({ median, worst, best }) => `${signed(median)} (${signed(worst)} … ${signed(best)})`;

function levelSection({ LEVELS, VIDEO_CODECS }) {
  const encoders = VIDEO_CODECS.flatMap((codec) => codec.encoders.map((encoder) => ({ codec, encoder })));
  return section(
    'Quality levels',
    `Rates in kbps at 1280x720; ${code('standard')} is ${code('medium')}, ${code('master')} is ${code('ultra')}. Other ` +
      'sizes by [their factor](#resolutions).',
    table(
      ['Level', 'Range', 'Target', 'Maximum', 'Audio, stereo', 'Speed'],
      LEVEL_NAMES.map((name) => {
        const level = LEVELS[name];
        return [
          code(name),
          `${level.minKbps}–${level.maxKbps}`,
          level.kbps,
          level.maxKbps,
          level.audioKbps,
          level.speed,
        ];
      }),
    ),
    'CRF, or flavour, by encoder. A number with ? is a guess for a hardware encoder, on the scale that ' +
      `${code('codecs ID')} names: nobody measured yet how it looks.`,
    table(
      ['Codec', 'Encoder', ...LEVEL_NAMES],
      encoders.map(({ codec, encoder }) => [
        code(codec.id),
        code(encoder.encoder),
        ...LEVEL_NAMES.map((name) => `${encoder.levels[name]}${encoder.levelsUnmeasured ? '?' : ''}`),
      ]),
    ),
    'How that looks beside H.264 at the same level: VMAF points, median and range of four clips at 640x360 at medium speed ' +
      "(above zero: better). The CRFs of AV1 were chosen to look like H.264's; those of H.265 and VP9 are fixed. At 1280x720 " +
      'H.265 was 4 points lower at draft and 1.5 at medium, VP9 between 1 above and 5 below.',
    table(
      ['Codec', 'Encoder', ...LEVEL_NAMES],
      encoders
        .filter(({ encoder }) => encoder.vmafFromH264)
        .map(({ codec, encoder }) => [
          code(codec.id),
          code(encoder.encoder),
          ...LEVEL_NAMES.map((name) => lookText(encoder.vmafFromH264[name])),
        ]),
    ),
  );
}

function passesText({ twoPass, twoPassModes }) {
  if (!twoPass) return 'no';
  return twoPassModes ? `by default for ${codes(twoPassModes)}` : `with ${code('--two-pass')}`;
}

const settingText = ([key, rule]) =>
  `${code(key)} ${rule.help}: ${rule.type === 'enum' ? codes(rule.values) : `${rule.min} to ${rule.max}`}`;

function codecSection(tables) {
  const { VIDEO_CODECS, AUDIO_CODECS, CONTAINERS, platformsTaking, settingsOf } = tables;
  const holders = (id, kind) => CONTAINERS.filter((one) => one[kind].includes(id)).map((one) => one.id);
  const encoders = VIDEO_CODECS.flatMap((codec) => codec.encoders);
  const words = Object.keys(encoders.find((one) => one.speeds)?.speeds ?? {});
  return [
    section(
      'Video codecs',
      table(
        [
          'Codec',
          'Name',
          'Encoders, best first, then hardware',
          'Containers',
          'Bits for the same look, H.264 = 1',
          'Platforms',
        ],
        VIDEO_CODECS.map((row) => [
          code(row.id),
          row.name,
          codes(row.encoders.map((one) => one.encoder)),
          codes(holders(row.id, 'videoCodecs')),
          row.kind === 'delivery' ? row.bitsFactor : '',
          codes(platformsTaking(row.id)),
        ]),
      ),
      'What each speed means to an encoder:',
      table(
        ['Encoder', ...words],
        encoders
          .filter((one) => one.speeds)
          .map((one) => [code(one.encoder), ...words.map((word) => one.speeds[word])]),
      ),
      'Rate control:',
      table(
        ['Encoder', 'Modes', 'Two passes'],
        encoders.filter((one) => !one.flavours).map((one) => [code(one.encoder), codes(one.modes), passesText(one)]),
      ),
      `What ${code('--set')} takes:`,
      table(
        ['Encoder', 'Settings'],
        encoders.map((one) => [code(one.encoder), Object.entries(settingsOf(one)).map(settingText).join('\n')]),
      ),
    ),
    section(
      'Audio codecs',
      table(
        ['Codec', 'Name', 'Encoder', 'kbps, stereo', 'Sample rates', 'Channels', 'Containers'],
        AUDIO_CODECS.map((row) => [
          code(row.id),
          row.name,
          code(row.encoder),
          row.bitrateRange ? row.bitrateRange.join('–') : 'lossless',
          row.sampleRates?.join(' ') ?? 'any',
          `to ${row.maxChannels}`,
          codes(holders(row.id, 'audioCodecs')),
        ]),
      ),
    ),
    section(
      'Containers',
      table(
        ['Container', 'Extensions', 'Video', 'Audio', 'Features'],
        CONTAINERS.map((row) => [
          code(row.id),
          codes(row.extensions.map((one) => `.${one}`)),
          codes(row.videoCodecs),
          codes(row.audioCodecs),
          row.features.join(', '),
        ]),
      ),
    ),
  ];
}

function resolutionSection({ resolutionListings }) {
  return section(
    'Resolutions',
    '16:9 names bound the short side and never enlarge without `--upscale`; `_v`, `_sq` and `WxH` are exact frames.',
    table(
      ['Name', 'Frame', 'Shape', 'Known as', 'Bitrate factor'],
      resolutionListings().map((row) => [
        code(row.preset_id),
        `${row.width}x${row.height}`,
        row.aspect_ratio,
        row.common_name,
        row.bitrate_multiplier,
      ]),
    ),
  );
}

function presetSection({ listPresets, findPreset, presetRow }) {
  const rows = listPresets().map((preset) => presetRow(findPreset(preset.preset_id).found));
  return section(
    'System presets',
    table(
      ['Preset', 'For', 'Settings', 'Priority'],
      rows.map((row) => [
        code(row.preset_id),
        row.description,
        codes(Object.entries(row.settings).map(([key, value]) => `${key}=${value}`)),
        row.file_size_priority,
      ]),
    ),
  );
}

function platformParts({ listPlatforms, platformRow, describeRule }) {
  return listPlatforms().map((platform) => {
    const row = platformRow(platform);
    return [
      `### ${row.name}`,
      `${code(`--platform ${row.platform_id}`)}: ${codes(Object.entries(row.recommended_settings).map(([key, value]) => `${key}=${value}`))}`,
      ...row.compatibility_notes,
      table(
        ['Rule', 'About', 'Wanted', 'Severity', 'Surface', 'Source', 'Checked'],
        platform.rules.map((rule) => {
          const { title, wanted } = describeRule(rule);
          return [code(rule.rule), title, wanted, rule.severity, rule.surface, rule.source, rule.checked_on];
        }),
      ),
    ].join('\n\n');
  });
}

/** The whole page. `tables` are the modules of the code that hold what is told. */
export function referencePage(tables) {
  const context = { brief: false };
  // No word on the line: every command is defined, as for completion.
  const program = tables.buildProgram(['completion'], context);
  const parts = [
    '# Reference of sg-export',
    'Made from the code by `node .dev/reference.mjs`: do not edit. Each command tells the same by `--help`, with examples.',
    section('Commands', ...commandParts({ program, tables })),
    section('Global options', table(['Option', 'Meaning'], program.options.map(flagRow))),
    section(
      'Flags of an export',
      'Times: `90`, `90.5`, `1:30`, `1:02:03.5`, `500ms`, or a timecode `01:00:10:00`. Sizes: `25` (MB), `25MB`, `25MiB`, ' +
        '`1.5GB`. Bitrates: `4000` (kbps), `4000k`, `4M`. Frame rates: `30`, `30000/1001`, `29.97`.',
      ...flagTables(tables),
    ),
    configSection(tables),
    jobSection(tables),
    section(
      'Exit codes',
      table(
        ['Code', 'Name', 'When'],
        tables.EXIT_CODES.map((row) => [row.code, row.name, row.when]),
      ),
    ),
    levelSection(tables),
    ...codecSection(tables),
    resolutionSection(tables),
    presetSection(tables),
    section('Platforms', ...platformParts(tables)),
  ];
  return `${parts.join('\n\n')}\n`;
}
