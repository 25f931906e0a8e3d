import { valueAxis } from './axis.ts';
import { html, type Markup } from './html.ts';

/** A rendition as the plot has it. */
export interface PlottedPoint {
  /** Its place in the list of outputs, from 1: the mark's label. */
  readonly n: number;
  readonly name: string;
  readonly bytes: number;
  readonly value: number;
  /** Which colour and which line it belongs to. */
  readonly codec: string;
  /** `1920×1080`: points of another frame were compared at another size, and no line joins them. */
  readonly frame: string;
}

export interface Scatter {
  readonly title: string;
  readonly points: readonly PlottedPoint[];
  readonly text: (value: number) => string;
  /** A bound that no value exceeds, such as an SSIM of 1. */
  readonly top?: number;
}

const HEIGHT = 100;
const WIDTH = 1000;
const UNITS = [
  { bytes: 1e9, name: 'GB' },
  { bytes: 1e6, name: 'MB' },
  { bytes: 1e3, name: 'kB' },
  { bytes: 1, name: 'B' },
] as const;
const COLOURED: readonly string[] = ['h264', 'h265', 'vp9', 'av1'];

const number = (value: number): string => String(Math.round(value * 100) / 100);
const kindOf = (codec: string): string => `k-${COLOURED.includes(codec) ? codec : 'other'}`;

/** Points that only their rate tells apart, from the smallest on. */
function lines(points: readonly PlottedPoint[]): readonly (readonly PlottedPoint[])[] {
  const groups = new Map<string, PlottedPoint[]>();
  for (const point of points) {
    const key = `${point.codec} ${point.frame}`;
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  return [...groups.values()].map((group) => group.sort((a, b) => a.bytes - b.bytes));
}

type Side = 'r' | 'l' | 'u' | 'd';

/** Where a label stands beside its point, in parts of the plot's width and height on a narrow page. */
const SIDES: readonly { readonly side: Side; readonly x: number; readonly y: number }[] = [
  { side: 'r', x: 0.06, y: 0 },
  { side: 'l', x: -0.06, y: 0 },
  { side: 'u', x: 0, y: -0.11 },
  { side: 'd', x: 0, y: 0.11 },
];
const ROOM = { x: 0.05, y: 0.09 } as const;

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** The side of each point on which its label hides no other point and no other label; points stay where their figures are. */
function sides(points: readonly Spot[]): readonly Side[] {
  const taken: Spot[] = [...points];
  return points.map((point) => {
    const there = SIDES.map(({ side, x, y }) => ({ side, x: point.x + x, y: point.y + y }));
    const isFree = (spot: Spot): boolean =>
      spot.x < 1 &&
      spot.x > 0 &&
      spot.y > 0 &&
      spot.y < 1 &&
      taken.every((one) => one === point || Math.abs(one.x - spot.x) > ROOM.x || Math.abs(one.y - spot.y) > ROOM.y);
    const free = there.find(isFree) ?? there[0];
    if (free) taken.push(free);
    return free?.side ?? 'r';
  });
}

/** How much each rendition takes, and how near it is to its source: up and to the left is better. */
export function scatter({ title, points, text, top }: Scatter): Markup {
  const largest = points.reduce((most, { bytes }) => Math.max(most, bytes), 1);
  const unit = UNITS.find(({ bytes }) => largest >= bytes) ?? UNITS[3];
  const across = valueAxis([largest / unit.bytes], { bottom: 0 });
  const axis = valueAxis(
    points.map(({ value }) => value),
    top === undefined ? {} : { top },
  );
  const down = (value: number): number => (1 - (value - axis.from) / (axis.to - axis.from)) * HEIGHT;
  const share = (bytes: number): number => bytes / unit.bytes / across.to;
  const codecs = [...new Set(points.map(({ codec }) => codec))];
  const labels = sides(points.map(({ bytes, value }) => ({ x: share(bytes), y: down(value) / HEIGHT })));
  const path = (group: readonly PlottedPoint[]): string =>
    group.map(({ bytes, value }) => `${number(share(bytes) * WIDTH)} ${number(down(value))}`).join('L');
  const placeOf = ({ bytes, value }: PlottedPoint): string =>
    `left:${number(share(bytes) * 100)}%;top:${number(down(value))}%`;
  const said = `${title} and size of ${points.length} outputs`;
  return html`<figure class="chart scatter"><figcaption>${title} by size <span class="legend">${codecs.map((codec) => html`<b class="${kindOf(codec)}">${codec}</b>`)}</span></figcaption>
<div class="plot"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${said}">
${axis.ticks.map((tick) => html`<path class="grid" d="M0 ${number(down(tick))}H${WIDTH}"/>`)}
${across.ticks.map((tick) => html`<path class="grid" d="M${number((tick / across.to) * WIDTH)} 0V${HEIGHT}"/>`)}
${lines(points)
  .filter((group) => group.length > 1)
  .map((group) => html`<path class="line ${kindOf(group[0]?.codec ?? '')}" d="M${path(group)}"/>`)}</svg>
${axis.ticks.map((tick) => html`<span class="y" style="top:${number(down(tick))}%">${text(tick)}</span>`)}
${across.ticks.map((tick, n) => html`<span class="x${n % 2 === 1 ? ' odd' : ''}" style="left:${number((tick / across.to) * 100)}%">${tick === 0 ? '0' : `${tick} ${unit.name}`}</span>`)}
${points.map((point) => html`<i class="dot ${kindOf(point.codec)}" style="${placeOf(point)}"></i>`)}
${points.map((point, at) => html`<a class="mark to-${labels[at] ?? 'r'} ${kindOf(point.codec)}" href="#output-${point.n}" style="${placeOf(point)}" title="${point.name}: ${text(point.value)}">${point.n}</a>`)}
</div></figure>`;
}
