// What a machine's graphics devices do with sg-export's own arguments, written to a Markdown file.
//
//   node test/gpu/run.mjs [--out FILE] [--ffmpeg FILE] [--size WxH]      (default test/gpu/RESULT.md, 1920x1080)
//
// It needs ffmpeg, ffprobe, Node and the built dist/ (`npm run build`). Devices are found by sg-export itself: each hardware encoder
// that this ffmpeg lists, each pixel format, on each device; then decoding; then whole exports: by the device, by its encoder alone and
// in software, compared by SSIM. A device that refuses is a result too. Without a device it writes that, and ends with 3.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    ffmpeg: { type: 'string', default: 'ffmpeg' },
    size: { type: 'string', default: '1920x1080' },
  },
});
const ROOT = resolve(import.meta.dirname, '../..');
const OUT = resolve(values.out ?? join(ROOT, 'test/gpu/RESULT.md'));
const BIN = join(ROOT, 'bin/sg-export.js');
const folder = mkdtempSync(join(tmpdir(), 'sg-gpu-'));
const NO_DEVICE = 3;

const lines = [];
const write = (...text) => lines.push(...text);
const cell = (text) =>
  String(text ?? '')
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ');
const table = (titles, rows) =>
  write(
    '',
    `| ${titles.join(' | ')} |`,
    `| ${titles.map(() => '---').join(' | ')} |`,
    ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
    '',
  );

function run(program, args, timeoutSec = 300) {
  const startMs = performance.now();
  const done = spawnSync(program, args, { encoding: 'utf8', timeout: timeoutSec * 1000, maxBuffer: 64e6 });
  return {
    code: done.status,
    out: done.stdout ?? '',
    err: done.stderr ?? '',
    sec: (performance.now() - startMs) / 1000,
  };
}

const db = ['--db', join(folder, 'history.db')];
const tools = values.ffmpeg === 'ffmpeg' ? [] : ['--ffmpeg', resolve(values.ffmpeg)];
const sg = (args) => run(process.execPath, [BIN, ...args, ...tools, ...db]);
const ffmpeg = (args) => run(values.ffmpeg, ['-hide_banner', '-nostdin', '-v', 'error', '-y', ...args]);

/** A film with motion and grain in real colours; `codec` is that of the source. */
function source(name, codec, size, sec = 4) {
  const path = join(folder, name);
  const pictures = `testsrc2=s=${size}:r=30:d=${sec},noise=alls=6:allf=t`;
  const tags = ['-color_range', 'tv', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709'];
  const made = ffmpeg([
    '-f',
    'lavfi',
    '-i',
    pictures,
    '-f',
    'lavfi',
    '-i',
    `sine=d=${sec}`,
    ...codec,
    ...tags,
    '-c:a',
    'aac',
    path,
  ]);
  return made.code === 0 ? path : undefined;
}

function resultOf({ out }) {
  try {
    return JSON.parse(out.trim().split('\n').at(-1) ?? '{}');
  } catch {
    return {};
  }
}

/** SSIM of two films of one size, by ffmpeg. */
function ssim(a, b) {
  const graph = '[0:v]settb=AVTB,setpts=PTS-STARTPTS[a];[1:v]settb=AVTB,setpts=PTS-STARTPTS[b];[a][b]ssim';
  const { err } = run(values.ffmpeg, [
    '-hide_banner',
    '-nostdin',
    '-i',
    a,
    '-i',
    b,
    '-lavfi',
    graph,
    '-f',
    'null',
    '-',
  ]);
  return /All:([\d.]+)/.exec(err)?.[1] ?? '';
}

function doctor() {
  const told = sg(['doctor', '--refresh', '--json']);
  const found = resultOf({ out: told.out.replaceAll('\n', ' ') });
  write('## Devices', '', 'By `sg-export doctor --refresh --json`.');
  table(
    ['GPU', 'name', 'vendor', 'device', 'driver', 'usable', 'encoders, or why not'],
    (found.gpus ?? []).map((gpu) => [
      gpu.gpu,
      gpu.name,
      gpu.vendor,
      gpu.device,
      gpu.driver,
      gpu.usable ? 'yes' : 'no',
      gpu.reason ?? gpu.encoders.join(' '),
    ]),
  );
  write(
    '## Encoders',
    '',
    'A trial is ten pictures of 320x256, of which codec, profile, pixel format, number and a forced keyframe are then looked at.',
  );
  const trials = (found.encoders ?? [])
    .filter((one) => one.hardware)
    .flatMap((one) =>
      one.trials.map((trial) => [
        one.encoder,
        trial.pixel_format,
        trial.gpu,
        trial.usable ? 'yes' : 'no',
        `${trial.ms} ms`,
        trial.reason,
      ]),
    );
  table(['encoder', 'pixel format', 'GPU', 'usable', 'time', 'reason'], trials);
  write(
    '## Decoders',
    '',
    `This ffmpeg lists: ${(found.hwaccels ?? []).join(', ') || 'none'}. A trial decodes eight pictures, scales them on the device and brings them back.`,
  );
  table(
    ['decoder', 'codec', 'pixel format', 'GPU', 'usable', 'time', 'reason'],
    (found.decoders ?? []).map((one) => [
      one.hardware,
      one.codec,
      one.pixel_format,
      one.gpu,
      one.usable ? 'yes' : 'no',
      `${one.ms} ms`,
      one.reason,
    ]),
  );
  return found;
}

/** The export's own commands for a request, run with what `change` makes of their arguments, to see which part of a chain works. */
function exports(found) {
  const clips = [
    [
      'h264',
      source('h264.mp4', ['-c:v', 'libx264', '-preset', 'fast', '-pix_fmt', 'yuv420p'], values.size),
      ['--resolution', '720p'],
    ],
    [
      'hevc 10 bit',
      source(
        'hevc.mp4',
        [
          '-c:v',
          'libx265',
          '-preset',
          'fast',
          '-pix_fmt',
          'yuv420p10le',
          '-tag:v',
          'hvc1',
          '-x265-params',
          'log-level=error',
        ],
        values.size,
      ),
      ['--codec', 'h265', '--resolution', '720p'],
    ],
  ];
  const kinds = [
    ...new Set((found.encoders ?? []).filter((one) => one.hardware).map((one) => one.encoder.split('_').at(-1))),
  ];
  const rows = [];
  for (const [name, clip, flags] of clips) {
    if (!clip) continue;
    const film = (how) => join(folder, `${name.replaceAll(' ', '-')}-${how}.mp4`);
    const request = (how, more) =>
      sg([
        'export',
        clip,
        '-o',
        film(how),
        ...flags,
        '--json',
        '--if-larger',
        'warn',
        '--overwrite',
        '--verify',
        'full',
        ...more,
      ]);
    const wanted = [['off', ['--hw', 'off']], ['auto', []], ...kinds.map((kind) => [kind, ['--hw', kind]])];
    for (const [how, more] of wanted) {
      const { code, sec, ...told } = request(how, more);
      const result = resultOf(told);
      const { settings = {}, verification, warnings = [] } = result;
      const said = result.error_message ?? [settings.hardware_reason, ...warnings].filter(Boolean).join('; ');
      const near = code === 0 && existsSync(film('off')) ? ssim(film(how), film('off')) : '';
      rows.push([
        name,
        how,
        code,
        result.hardware ?? 'software',
        result.encoder,
        `${sec.toFixed(1)} s`,
        verification?.ssim?.toFixed(4),
        near,
        said,
      ]);
    }
  }
  write(
    '## Exports',
    '',
    '`--verify full`: every picture decoded. SSIM is that against the source as the software chain scales it; the last figure is against the film that software made. A chain on a device promises no equal pixels: at least 0.98 is what these lines are read for.',
  );
  table(['source', '--hw', 'exit', 'hardware', 'encoder', 'time', 'SSIM', 'SSIM to software', 'what it said'], rows);
}

/** Decoding and scaling on the device against the same in software, where no encoder takes part. */
function chains(found) {
  const { gpus = [] } = found;
  if (!gpus.some(({ vendor }) => vendor === 'nvidia')) return;
  const clip = join(folder, 'h264.mp4');
  const device = [
    '-hwaccel',
    'cuda',
    '-hwaccel_output_format',
    'cuda',
    '-hwaccel_device',
    '0',
    '-extra_hw_frames',
    '4',
  ];
  const encode = ['-c:v', 'ffv1', '-an'];
  const [onDevice, inSoftware] = [join(folder, 'device.mkv'), join(folder, 'software.mkv')];
  const scaled = 'scale_cuda=w=1280:h=720:interp_algo=bicubic:format=nv12,hwdownload,format=nv12,format=yuv420p';
  const a = ffmpeg([...device, '-i', clip, '-map', '0:v', '-vf', scaled, ...encode, onDevice]);
  const b = ffmpeg([
    '-i',
    clip,
    '-map',
    '0:v',
    '-vf',
    'scale=1280:720:flags=bicubic+accurate_rnd+full_chroma_int,format=yuv420p',
    ...encode,
    inSoftware,
  ]);
  write(
    '## The chain without an encoder',
    '',
    `Decode and scale to 720p on the device: exit ${a.code}, ${a.sec.toFixed(1)} s${a.code === 0 ? '' : ` (${cell(a.err.split('\n')[0])})`}; in software: exit ${b.code}, ${b.sec.toFixed(1)} s.`,
  );
  if (a.code === 0 && b.code === 0) write(`SSIM between them: ${ssim(onDevice, inSoftware)}.`);
  write('');
}

try {
  if (!existsSync(join(ROOT, 'dist'))) throw new Error('dist/ is missing: npm run build');
  const version = run(values.ffmpeg, ['-version']).out.split('\n')[0];
  const smi = run('nvidia-smi', ['--query-gpu=index,name,driver_version,memory.total', '--format=csv,noheader']);
  write(
    '# Graphics devices, as seen',
    '',
    `\`node test/gpu/run.mjs\` with ${version}, Node ${process.versions.node}, ${process.platform} ${process.arch}.`,
  );
  write('', smi.code === 0 ? `nvidia-smi: ${smi.out.trim().split('\n').join('; ')}` : 'nvidia-smi: not here', '');
  const found = doctor();
  const none = (found.gpus ?? []).length === 0;
  exports(found);
  chains(found);
  if (none) write('There is no graphics device on this machine: what is above are refusals.', '');
  writeFileSync(
    OUT,
    `${lines
      .join('\n')
      .replaceAll(/\n{3,}/g, '\n\n')
      .trimEnd()}\n`,
  );
  process.stdout.write(`${readFileSync(OUT, 'utf8')}\n${OUT}\n`);
  process.exitCode = none ? NO_DEVICE : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
