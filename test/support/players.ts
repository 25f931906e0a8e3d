import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { CODED_SCRIPT } from './coded-film.ts';

/** What a test asks of a player's page, the same for all of them; it lies in the page's `window.player`. */
export interface PlayerRow {
  readonly name: 'hls.js' | 'dash.js' | 'Shaka Player';
  /** npm package and the file of it that a page loads. */
  readonly script: string;
  readonly plays: readonly ('hls' | 'dash')[];
  /** Script of the page: sets `window.player = { levels(), select(index) }` and plays `url` in `video`, errors go to `fail`. */
  readonly page: string;
  /**
   * Body of an async function of the page: the player's own thumbnail for `sec`, as `{ url, x, y, width, height, startSec,
   * durationSec }`, the last two undefined where it does not tell them. Undefined: it reads no track of thumbnails.
   */
  readonly thumbnail?: string;
}

/**
 * What hls.js tells as errors and are none while it switches: a load that it ended itself, and a better rung appended over what was
 * there. Stalls are counted by the video element's own events.
 */
const HLS_REMARKS = JSON.stringify(['aborted', 'bufferAppendNoProgress', 'bufferStalledError']);

const LIMITS = 'const bufferSec = 4;';

export const PLAYERS: readonly PlayerRow[] = [
  {
    name: 'hls.js',
    script: 'hls.js/dist/hls.min.js',
    plays: ['hls'],
    page: `${LIMITS}
      const hls = new Hls({ maxBufferLength: bufferSec, maxMaxBufferLength: bufferSec });
      hls.on(Hls.Events.ERROR, (_, data) => { if (data.fatal || !${HLS_REMARKS}.includes(data.details)) fail(data.details); });
      hls.loadSource(url);
      hls.attachMedia(video);
      window.player = { levels: () => hls.levels.length, select: (index) => { hls.nextLevel = index; } };`,
  },
  {
    name: 'dash.js',
    script: 'dashjs',
    plays: ['dash'],
    page: `${LIMITS}
      const dash = dashjs.MediaPlayer().create();
      dash.on('error', ({ error }) => fail(error?.message ?? String(error)));
      dash.initialize(video, url, true);
      dash.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: false } },
        buffer: { bufferTimeDefault: bufferSec, bufferTimeAtTopQuality: bufferSec, fastSwitchEnabled: true } } });
      window.player = { levels: () => dash.getRepresentationsByType('video').length,
        select: (index) => dash.setRepresentationForTypeByIndex('video', index) };`,
    thumbnail: 'return new Promise((done) => dash.provideThumbnail(sec, done));',
  },
  {
    name: 'Shaka Player',
    script: 'shaka-player/dist/shaka-player.compiled.js',
    plays: ['hls', 'dash'],
    page: `${LIMITS}
      const shakaPlayer = new shaka.Player();
      shakaPlayer.addEventListener('error', ({ detail }) => fail('shaka ' + detail.code + ' ' + detail.data));
      shakaPlayer.configure({ streaming: { bufferingGoal: bufferSec, rebufferingGoal: 1 }, abr: { enabled: false } });
      const tracks = () => shakaPlayer.getVariantTracks().sort((a, b) => a.height - b.height);
      shakaPlayer.attach(video).then(() => shakaPlayer.load(url)).then(() => video.play()).catch((e) => fail('shaka ' + (e.code ?? e)));
      window.player = { levels: () => tracks().length, select: (index) => shakaPlayer.selectVariantTrack(tracks()[index], true) };`,
    thumbnail: `const [{ id }] = shakaPlayer.getImageTracks();
      const { uris, positionX, positionY, width, height, startTime, duration } = await shakaPlayer.getThumbnails(id, sec);
      return { url: uris[0], x: positionX, y: positionY, width, height, startSec: startTime, durationSec: duration };`,
  },
];

const require = createRequire(import.meta.url);
/** By name: neither it nor a player need be there for the other tests. */
const PLAYWRIGHT = 'playwright-core';

function found(name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

/** The page that plays `url` with one player, and keeps what happens in `window.seen`. */
export function playerPage({ page, thumbnail = 'return undefined;' }: PlayerRow, url: string): string {
  return `<!doctype html><meta charset="utf-8"><video muted autoplay playsinline width="320" height="180"></video>
    <script src="/player.js"></script><script>
      const url = ${JSON.stringify(url)};
      const video = document.querySelector('video');
      window.seen = { errors: [], stalls: 0, ended: false, expected: true };
      const fail = (text) => window.seen.errors.push(String(text));
      video.addEventListener('error', () => fail('video element: ' + video.error?.message));
      video.addEventListener('waiting', () => { if (!window.seen.expected) window.seen.stalls++; });
      video.addEventListener('playing', () => { window.seen.expected = false; });
      video.addEventListener('seeking', () => { window.seen.expected = true; });
      video.addEventListener('ended', () => { window.seen.ended = true; });
      ${page}
      ${CODED_SCRIPT}
      const thumbnailAt = async (sec) => { ${thumbnail} };
      window.look = () => seenPicture(video);
      window.thumbnail = async (sec) => {
        const found = await thumbnailAt(sec);
        const image = new Image();
        image.src = found.url;
        await image.decode();
        return { ...found, ...readPicture(image, found.x, found.y, found.width, found.height, sec) };
      };
      video.play().catch(() => {});
    </script>`;
}

export const playerScript = ({ script }: PlayerRow): string => readFileSync(found(script) ?? '', 'utf8');

/** Of the system's browsers, the one that is there. */
const BROWSERS = [
  process.env.SG_EXPORT_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
export const CHROMIUM = BROWSERS.find((path) => path !== undefined && existsSync(path));

/** Why no browser test can run; undefined where they can. */
export function noBrowser(): string | undefined {
  if (CHROMIUM === undefined)
    return 'no Chromium is installed (Debian: apt-get install chromium; or SG_EXPORT_CHROMIUM)';
  return found(PLAYWRIGHT) ? undefined : 'playwright-core is not installed (npm run setup)';
}

export const noPlayer = ({ name, script }: PlayerRow): string | undefined =>
  found(script) ? undefined : `${name} is not installed (npm run setup)`;

/** What of playwright-core is used: its types would tie the tests to a package that may be missing. */
export interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<T>(script: string): Promise<T>;
  waitForFunction(script: string, argument: undefined, options: { timeout: number; polling: number }): Promise<unknown>;
  screenshot(options: { path?: string }): Promise<Buffer>;
  close(): Promise<void>;
}
export interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

export async function openBrowser(): Promise<Browser> {
  const { chromium } = require(PLAYWRIGHT);
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--mute-audio', '--disable-gpu'],
  });
}
