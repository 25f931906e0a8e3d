// Two passes against one at the same average: SSIM at equal size, clip by clip.   npm run bench:two-pass
// One pass misses its average, so its bitrate is moved until its file is as large as that of two. Goes on where it was stopped;
// SG_EXPORT_BENCH_CLIPS, _CODECS (lists), _RESOLUTION, _SPEED, _DURATION and _SECONDS limit it, _STATE keeps it.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchClips, listFrom, MEDIA, median, ROOT, resume, sg } from './resumable.mjs';

const RESULT = join(ROOT, 'test/bench/TWO-PASS.md');
const RESOLUTION = process.env.SG_EXPORT_BENCH_RESOLUTION ?? '360p';
const SPEED = process.env.SG_EXPORT_BENCH_SPEED ?? 'medium';
const DURATION = process.env.SG_EXPORT_BENCH_DURATION;
const CODECS = listFrom('CODECS', ['h264', 'h265', 'vp9']);
/** Bits for a pixel: where the rate is neither starved nor more than the picture can use. H.264's; the others need less. */
const BITS_PER_PIXEL = { h264: 0.06, h265: 0.04, vp9: 0.045, av1: 0.035 };
/** Sizes nearer than this are equal. */
const EQUAL = 0.005;
const MOST_TRIES = 6;
const work = mkdtempSync(join(tmpdir(), 'sg-export-bench-'));

/** An ffmpeg that does not tell of SVT-AV1, which has no second pass: one pass is then libaom's too, as two are. */
function ffmpegWithoutSvt() {
  const ffmpeg = spawnSync('sh', ['-c', 'command -v ffmpeg'], { encoding: 'utf8' }).stdout.trim();
  const path = join(work, 'ffmpeg');
  const hide = `*' -encoders '*) "${ffmpeg}" "$@" | grep -v libsvtav1 ;;`;
  writeFileSync(path, `#!/bin/sh\ncase " $* " in\n  ${hide}\n  *) exec "${ffmpeg}" "$@" ;;\nesac\n`);
  chmodSync(path, 0o755);
  return path;
}

function measure({ file, codec }) {
  const out = join(work, 'o.mkv');
  const asked = [join(MEDIA, file), '-o', out, '--codec', codec, '--audio-codec', 'none', '--subtitles', 'drop'];
  const part = DURATION ? ['--duration', DURATION] : [];
  const more = ['--resolution', RESOLUTION, '--speed', SPEED, ...part, '--overwrite', '--db', join(work, 'h.db')];
  const env = codec === 'av1' ? { SG_EXPORT_FFMPEG: ffmpegWithoutSvt() } : {};
  const plain = sg(['export', ...asked, ...more, '--quality', 'draft', '--speed', 'ultrafast'], env).settings;
  const [num, den = 1] = plain.frame_rate.split('/').map(Number);
  const kbps = Math.round((plain.width * plain.height * (num / den) * BITS_PER_PIXEL[codec]) / 1000);
  const make = (rate, pass) => {
    const made = [...asked, ...more, '--bitrate', `${rate}k`, pass, '--verify', 'full'];
    const { verification } = sg(['export', ...made], env);
    return { rate, bytes: statSync(out).size, ssim: verification.ssim };
  };
  const two = make(kbps, '--two-pass');
  const tries = [make(kbps, '--no-two-pass')];
  const off = ({ bytes }) => Math.abs(bytes / two.bytes - 1);
  while (off(tries.at(-1)) > EQUAL && tries.length < MOST_TRIES) {
    const last = tries.at(-1);
    tries.push(make(Math.round((last.rate * two.bytes * 10) / last.bytes) / 10, '--no-two-pass'));
  }
  const [nearest] = [...tries].sort((a, b) => off(a) - off(b));
  return { file, codec, kbps, two, one: tries[0], equal: nearest, tries: tries.length };
}

const cases = CODECS.flatMap((codec) =>
  benchClips().map(({ file }) => ({
    file,
    codec,
    id: [file, codec, RESOLUTION, SPEED, DURATION ?? 'whole'].join(' | '),
  })),
);
const { rows, left } = resume('two-pass', cases, measure);
rmSync(work, { recursive: true, force: true });

const db = (ssim) => -10 * Math.log10(1 - ssim);
const signed = (value, digits) => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(digits)}`;
const gain = ({ two, equal }) => db(two.ssim) - db(equal.ssim);
const missed = ({ bytes }, wanted) => `${signed((bytes / wanted - 1) * 100, 1)} %`;
const isEqual = ({ two, equal }) => Math.abs(equal.bytes / two.bytes - 1) <= 2 * EQUAL;
const lines = rows.map(
  (row) =>
    `| ${row.file} | ${row.codec} | ${row.kbps} | ${(row.two.bytes / 1000).toFixed(1)} | ${missed(row.one, row.two.bytes)} | ${missed(row.equal, row.two.bytes)} | ${row.two.ssim.toFixed(4)} | ${row.equal.ssim.toFixed(4)} | ${signed(gain(row), 2)} |`,
);
const compared = rows.filter(isEqual);
const summary = CODECS.map((codec) => [codec, compared.filter((row) => row.codec === codec)])
  .filter(([, own]) => own.length > 0)
  .map(([codec, own]) => {
    const gains = own.map(gain);
    const won = gains.filter((value) => value > 0.02).length;
    const lost = gains.filter((value) => value < -0.02).length;
    return `| ${codec} | ${own.length} | ${won} | ${gains.length - won - lost} | ${lost} | ${signed(median(gains), 2)} | ${signed(Math.min(...gains), 2)} | ${signed(Math.max(...gains), 2)} |`;
  });
const limits = Object.entries(process.env).filter(
  ([key]) => key.startsWith('SG_EXPORT_BENCH_') && key !== 'SG_EXPORT_BENCH_STATE',
);
const text = `# Two passes against one

\`${[...limits.map(([key, value]) => `${key}=${value}`), 'npm run bench:two-pass'].join(' ')}\`, ${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0].model.trim()}

At ${RESOLUTION}, speed ${SPEED}, the picture alone. ${rows.length} films and codecs measured, ${left} left to measure by the same command. One pass at the same bitrate misses
the size of two (first column of misses); its bitrate was then moved until its file was as large (second column), and SSIM is compared there, in dB (−10 log₁₀(1 − SSIM)).
AV1 is libaom's on both sides: SVT-AV1 has no second pass.

| codec | films | two passes better | alike (±0.02 dB) | worse | median dB | worst | best |
| --- | --- | --- | --- | --- | --- | --- | --- |
${summary.join('\n')}

Films whose one-pass size could not be brought within ${200 * EQUAL} % are in the list below and not in the summary.

| film | codec | kbps | two passes, kB | one pass misses by | brought to | SSIM of two | of one | dB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${lines.join('\n')}
`;
writeFileSync(RESULT, text);
process.stdout.write(text);
