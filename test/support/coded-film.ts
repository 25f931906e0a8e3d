import { clip } from './clips.ts';

/*
 * A film that says which of its pictures is shown: patches of red, green and blue above, and below them the picture's number
 * in white and black boxes, the lowest bit first. It is read off a browser's canvas, so that what a viewer sees is known.
 */

const SIZE = { width: 320, height: 180 } as const;
const BITS = 9;
const FPS = 25;
const bitBox = (bit: number) => ({ x: 10 + 34 * bit, y: 120, width: 28, height: 40 });
const PATCHES = [
  { colour: 'red', x: 20 },
  { colour: 'lime', x: 120 },
  { colour: 'blue', x: 220 },
] as const;

const drawn = (x: number, y: number, w: number, h: number, colour: string, more = ''): string =>
  `drawbox=x=${x}:y=${y}:w=${w}:h=${h}:color=${colour}:t=fill${more}`;

const CHAIN = [
  ...PATCHES.map(({ colour, x }) => drawn(x, 20, 80, 60, colour)),
  drawn(0, 110, SIZE.width, 60, 'black'),
  ...Array.from({ length: BITS }, (_, bit) => {
    const { x, y, width, height } = bitBox(bit);
    return drawn(x, y, width, height, 'white', `:enable='mod(floor(n/${2 ** bit}),2)'`);
  }),
].join(',');

/** 320×180, 25 pictures a second, up to 20 s; `encoder` stands behind the filter. */
export const codedFilm = (name: string, sec: number, encoder: readonly string[]): string =>
  clip({ name, sec, size: `${SIZE.width}x${SIZE.height}`, fps: FPS, video: ['-vf', CHAIN, ...encoder] });

/** What was read off a picture. */
export interface Seen {
  /** Of the film, at 25 a second. */
  readonly atSec: number;
  /** Where the player says that it is; of a thumbnail, what it was asked for. */
  readonly wantedSec: number;
  /** Of the patches, 0–255. */
  readonly red: readonly number[];
  readonly green: readonly number[];
  readonly blue: readonly number[];
}

/**
 * Script of a page: `readPicture(source, sx, sy, sw, sh, wantedSec)` reads a part of an image or a video, and
 * `seenPicture(video)` waits for the picture that is shown next and reads it.
 */
export const CODED_SCRIPT = `
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [${SIZE.width}, ${SIZE.height}];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const meanOf = (x, y, width, height) => {
    const { data } = context.getImageData(x, y, width, height);
    return [0, 1, 2].map((channel) => {
      let sum = 0;
      for (let at = channel; at < data.length; at += 4) sum += data[at];
      return Math.round((sum * 4) / data.length);
    });
  };
  const readPicture = (source, sx, sy, sw, sh, wantedSec) => {
    context.drawImage(source, sx, sy, sw, sh, 0, 0, canvas.width, canvas.height);
    const bits = ${JSON.stringify(Array.from({ length: BITS }, (_, bit) => bitBox(bit)))};
    const number = bits.reduce((sum, { x, y, width, height }, bit) =>
      sum + (meanOf(x + 8, y + 8, width - 16, height - 16)[1] > 128 ? 2 ** bit : 0), 0);
    const [red, green, blue] = ${JSON.stringify(PATCHES.map(({ x }) => x))}.map((x) => meanOf(x + 20, 35, 40, 30));
    return { atSec: number / ${FPS}, wantedSec, red, green, blue };
  };
  const seenPicture = (video) => new Promise((done) => video.requestVideoFrameCallback((_, { mediaTime }) =>
    done(readPicture(video, 0, 0, video.videoWidth, video.videoHeight, mediaTime))));
`;
