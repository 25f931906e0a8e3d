import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oneOf } from '../support/choice.ts';
import { clip, countFrames, ffmpeg } from '../support/clips.ts';
import { loggingEncoder, script } from '../support/fake-tools.ts';
import { BIN, cleanEnv, expectRefusal, fresh, listing, ok, sg, shown } from '../support/run-cli.ts';

/** Hears of every request that any ffmpeg makes; serves a real film, so that a leak would even succeed. */
const asked: string[] = [];
let server: Server;
let url = '';
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('#EXTM3U\n');
  }).listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

/** A film that no export may open, and lists that name it; the fake tools tell what was opened. */
function trap() {
  const folder = fresh();
  const secret = join(folder, 'secret.ts');
  copyFileSync(clip({ name: 'film.ts', sec: 2 }), secret);
  return { folder, secret };
}

const hls = (target: string) =>
  `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:9\n#EXTINF:2,\n${target}\n#EXT-X-ENDLIST\n`;
const master = (target: string) => `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000\n${target}\n`;
const keyed = (target: string) =>
  `#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-KEY:METHOD=AES-128,URI="${target}"\n#EXTINF:2,\n${target}\n#EXT-X-ENDLIST\n`;
const dash = (target: string) => `<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S" profiles="urn:mpeg:dash:profile:isoff-main:2011">
<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1000"><BaseURL>${target}</BaseURL></Representation></AdaptationSet></Period></MPD>`;
const concat = (target: string) => `ffconcat version 1.0\nfile '${target}'\n`;
const smil = (target: string) => `<smil><body><video src="${target}"/></body></smil>`;
const sdp = () => 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n';
const pls = (target: string) => `[playlist]\nFile1=${target}\nNumberOfEntries=1\n`;
const imf = (target: string) =>
  `<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><Id>${target}</Id></CompositionPlaylist>`;
const sub = (target: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:2,\nsubfile,,start,0,end,0,,:${target}\n`;

const LISTS: Readonly<Record<string, (target: string) => string>> = {
  'an HLS playlist': hls,
  'an HLS master playlist': master,
  'an HLS playlist with a key': keyed,
  'an HLS playlist of a subfile': sub,
  'a DASH manifest': dash,
  'an ffconcat list': concat,
  'a SMIL list': smil,
  'a PLS list': pls,
  'a session description': sdp,
  'an IMF composition': imf,
  'a playlist behind a byte order mark': (target) => `\ufeff${hls(target)}`,
  'a playlist behind empty lines': (target) => `\n\n  ${hls(target)}`,
};

/** Whatever opened this would hang: nobody ever writes into it. */
function pipe(folder: string): string {
  execFileSync('mkfifo', [join(folder, 'pipe.ts')]);
  return join(folder, 'pipe.ts');
}

describe('a list of other files is refused, and nothing that it names is opened', () => {
  const names = ['film.mp4', 'list.m3u8', 'film.ts', 'film.mkv', 'film.mpd', 'film'];
  test.each(oneOf(2, Object.entries(LISTS)))('%s', async (_name, text) => {
    const { folder, secret } = trap();
    const targets = [secret, `${url}/film.ts`, pipe(folder)];
    for (const [i, target] of targets.entries()) {
      const name = names[i] ?? 'film';
      writeFileSync(join(folder, name), text(target));
      const run = await sg(['export', name, '-o', 'out.mp4'], { cwd: folder, timeoutMs: 20_000 });
      expectRefusal(run, 3);
    }
    expect(listing(folder)).toEqual([...names.slice(0, 3), 'pipe.ts', 'secret.ts'].sort());
    expect(asked).toEqual([]);
  });

  test.each(oneOf(2, names))('whatever it is called: %s', async (name) => {
    const { folder } = trap();
    for (const text of [hls, dash, concat]) {
      writeFileSync(join(folder, name), text('secret.ts'));
      const run = await sg(['export', name, '-o', 'out.mp4'], { cwd: folder });
      expectRefusal(run, 3);
      expect(run.stderr, shown(run)).toMatch(/names other files/);
    }
    writeFileSync(join(folder, name), hls('/etc/passwd'));
    const run = await sg(['export', name, '-o', 'out.mp4', '-v'], { cwd: folder });
    expect(run.code).toBe(3);
    expect(run.stdout + run.stderr).not.toMatch(/root:/);
    expect(listing(folder)).toEqual([name, 'secret.ts'].sort());
  });

  test('a list that is called like a part of a film', async () => {
    const { folder } = trap();
    writeFileSync(join(folder, 'a%03d.png'), hls('secret.ts'));
    expectRefusal(await sg(['export', 'a%03d.png', '-o', 'out.mp4'], { cwd: folder }), 3);
  });
});

describe('what is no local file is exit 3, and nobody hears of it', () => {
  const { folder, secret } = trap();
  test.each([
    () => `${url}/film.mp4`,
    () => `http:${url.slice(5)}/x`,
    () => `tcp://127.0.0.1:${url.split(':')[2]}`,
    () => `hls+${url}/x.m3u8`,
    () => `cache:${url}/x`,
    () => `async:${url}/x`,
    () => `crypto:${url}/x`,
    () => 'HTTP://127.0.0.1/x',
    () => `file:${secret}`,
    () => `file://${secret}`,
    () => `concat:${secret}|${secret}`,
    () => `concatf:${secret}`,
    () => `subfile,,start,0,end,0,,:${secret}`,
    () => 'pipe:0',
    () => 'pipe:',
    () => 'fd:0',
    () => '-',
    () => '/dev/stdin',
    () => '/dev/fd/0',
    () => 'data:video/mp4;base64,AAAA',
    () => 'udp://127.0.0.1:9',
    () => 'rtmp://127.0.0.1/x',
    () => 'unix:/tmp/x',
    () => 'testsrc2=d=1',
    () => `@${secret}`,
    () => `|cat ${secret}`,
    () => `${secret}\n${secret}`,
    () => `${join(folder, 'secret%d.ts')}`,
    () => `${join(folder, '*.ts')}`,
  ])('%#', async (name) => {
    const run = await sg(['export', '-o', 'out.mp4', '--', name()], { cwd: folder });
    expectRefusal(run, 3);
    expect(listing(folder)).toEqual(['secret.ts']);
    expect(asked).toEqual([]);
  });
});

describe('names are only names', () => {
  const names = [
    '-dash.mp4',
    '--overwrite',
    'subfile,,start,0,end,0,,:secret.ts',
    'concat:secret.ts|secret.ts',
    'pipe:0',
    'data:x.mp4',
    '$(touch pwned).mp4',
    '`touch pwned`.mp4',
    "it's; touch pwned #.mp4",
    '"quoted" \\back\\slash.mp4',
    'new\nline\r\ttab.mp4',
    'per%cent %d %03d %%.mp4',
    'a:b,c[d]e=f;g.mp4',
    '{name}{date}.mp4',
    '\u001b[31mred\u0007.mp4',
    'émoji 🎬 日本語 ‮.mp4',
    `${'x'.repeat(245)}.mp4`,
    ' leading and trailing ',
    '.hidden',
    'no extension',
    '*?[a-z]~.mp4',
  ];
  test.each(oneOf(2, names))('%j as source, and in the names of outputs, receipts and depfiles', async (name) => {
    const folder = fresh();
    copyFileSync(clip(), join(folder, name));
    const output = name.length > 200 ? 'out.mp4' : `out ${name}.mp4`;
    const plain = !/[\n\r\t\\]/.test(name);
    const depfile = plain ? ['--depfile', 'o.d'] : [];
    const args = ['export', '-o', output, '--speed', 'ultrafast', '--receipt', 'r.json', ...depfile, '--', name];
    const run = await ok(args, { cwd: folder });
    expect(run.stdout).toBe(`${join(folder, output)}\n`);
    // Nothing that a name holds may steer the terminal.
    expect(run.stderr).not.toContain('\u001b');
    expect(countFrames(join(folder, output))).toBe(25);
    expect(listing(folder)).toEqual([name, output, 'r.json', ...(plain ? ['o.d'] : [])].sort());
  });

  test('two passes, full verification and dry runs take them too', async () => {
    const folder = fresh();
    const name = 'a \'b\' "c" \\ $(touch pwned) %d :,;[]=.mp4';
    copyFileSync(clip(), join(folder, name));
    const more = [
      ['--two-pass', '--bitrate', '300k'],
      ['--codec', 'h265', '--two-pass', '--bitrate', '300k'],
      ['--verify', 'full'],
    ];
    for (const [i, extra] of more.entries()) {
      await ok(['export', name, '-o', `out ${i} ${name}`, '--speed', 'ultrafast', ...extra], { cwd: folder });
    }
    const dry = await ok(['export', name, '-o', `dry ${name}`, '--speed', 'ultrafast', '--dry-run'], { cwd: folder });
    execFileSync('sh', ['-e'], { input: dry.stdout, cwd: folder });
    expect(listing(folder)).toEqual([name, `dry ${name}`, ...more.map((_, i) => `out ${i} ${name}`)].sort());
  });

  test.each(['../x', '/tmp/x', 'a/b', '..', '.', '', 'a\\b', '{nope}', '../../../../../../tmp/{name}'])(
    '--name %j does not leave the folder',
    async (pattern) => {
      const folder = fresh();
      mkdirSync(join(folder, 'deep'));
      const run = await sg(['export', clip(), '-o', join(folder, 'deep'), '--name', pattern]);
      expectRefusal(run, 2);
      expect(listing(folder)).toEqual(['deep']);
    },
  );

  test('a source whose own name climbs out does not', async () => {
    const folder = fresh();
    mkdirSync(join(folder, 'deep'));
    copyFileSync(clip(), join(folder, '...mp4'));
    const run = await ok(['export', '...mp4', '-o', 'deep', '--speed', 'ultrafast'], { cwd: folder });
    expect(run.stdout.trim().startsWith(join(folder, 'deep', ''))).toBe(true);
  });

  test.each([
    ['tune', 'film:log=pwned'],
    ['tune', 'film -y pwned'],
    ['bframes', '2:stats=pwned'],
    ['profile', 'high;touch pwned'],
  ])('--set %s=%s is refused, not passed on', async (key, value) => {
    const folder = fresh();
    for (const codec of ['h264', 'h265']) {
      const args = ['export', clip(), '-o', join(folder, 'o.mp4'), '--codec', codec, '--set', `${key}=${value}`];
      expectRefusal(await sg(args, { cwd: folder }), 4);
    }
    expect(listing(folder)).toEqual([]);
  });
});

describe('what belongs to the user', () => {
  /** Runs sg-export under a umask. */
  function under(umask: string, args: readonly string[], cwd: string): void {
    const command = [process.execPath, BIN, ...args];
    execFileSync('sh', ['-c', `umask ${umask}; exec "$@"`, 'sh', ...command], { cwd, env: cleanEnv(), stdio: 'pipe' });
  }
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

  const umasks = [
    ['022', '644'],
    ['027', '640'],
    ['077', '600'],
    ['000', '666'],
  ] as const;
  test.each(oneOf(2, umasks))(
    'umask %s makes outputs %s, receipts and depfiles too; the history stays 600',
    (umask, want) => {
      const folder = fresh();
      const side = ['--receipt', 'r.json', '--depfile', 'o.d', '--db', join(folder, 'h.db')];
      under(umask, ['export', clip(), '-o', 'o.mp4', '--speed', 'ultrafast', ...side], folder);
      for (const name of ['o.mp4', 'r.json', 'o.d']) expect([name, mode(join(folder, name))]).toEqual([name, want]);
      for (const name of listing(folder).filter((one) => one.startsWith('h.db'))) {
        expect([name, mode(join(folder, name))]).toEqual([name, '600']);
      }
    },
  );

  test('an ffmpeg in the working folder is not run', async () => {
    const folder = fresh();
    script(folder, 'ffmpeg', 'touch pwned');
    script(folder, 'ffprobe', 'touch pwned');
    await ok(['export', clip(), '-o', 'o.mp4', '--speed', 'ultrafast'], {
      cwd: folder,
      env: { PATH: `:.:${process.env.PATH}`, SG_EXPORT_DB: join(folder, 'h.db') },
    });
    expect(listing(folder).filter((name) => name === 'pwned')).toEqual([]);
  });

  test('a configuration is data: one that is a program is not run', async () => {
    const folder = fresh();
    const program = "require('node:fs').writeFileSync('pwned', ''); module.exports = {};";
    for (const name of ['sg-export.config.js', 'sg-export.config.cjs', '.sg-exportrc.js', '.sg-exportrc.cjs']) {
      writeFileSync(join(folder, name), program);
    }
    writeFileSync(
      join(folder, 'sg-export.config.mjs'),
      "import { writeFileSync } from 'node:fs'; writeFileSync('pwned', ''); export default {};",
    );
    await sg(['export', clip(), '-o', 'o.mp4', '--speed', 'ultrafast'], { cwd: folder });
    for (const name of listing(folder)) {
      await sg(['export', clip(), '-o', 'o2.mp4', '--config', name], { cwd: folder });
    }
    expect(listing(folder)).not.toContain('pwned');
  });
});

test('a film is read with demuxers that open no other file, at every call', async () => {
  const folder = fresh();
  const encoder = loggingEncoder(fresh());
  await ok(['export', clip(), '-o', join(folder, 'o.mp4'), '--ffmpeg', encoder.path, '--verify', 'full']);
  const reading = encoder.calls().filter((call) => call.includes(`file:${clip()}`));
  expect(reading.length).toBeGreaterThan(0);
  for (const call of reading) expect(call).toMatch(/-protocol_whitelist file .*-i file:/);
});

test('a cover picture that names another file is not followed', async () => {
  const folder = fresh();
  const svg = join(folder, 'cover.svg');
  writeFileSync(
    svg,
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="${url}/x.png"/></svg>`,
  );
  const source = join(folder, 'film.mkv');
  ffmpeg(['-i', clip(), '-c', 'copy', '-attach', svg, '-metadata:s:t', 'mimetype=image/svg+xml', source]);
  await ok(['export', source, '-o', join(folder, 'o.mkv'), '--speed', 'ultrafast']);
  expect(asked).toEqual([]);
  expect(existsSync(join(folder, 'o.mkv'))).toBe(true);
});
