import { formatTime } from '../model/units.ts';
import { timeAxis, valueAxis } from './axis.ts';
import { html, type Markup } from './html.ts';

export interface Point {
  readonly sec: number;
  readonly value: number;
}

/** A curve over the time of the film. */
export interface Chart {
  readonly title: string;
  /** Which colour it is drawn in. */
  readonly kind: 'ssim' | 'psnr' | 'vmaf' | 'bitrate';
  /** In the order of time; at least one. */
  readonly points: readonly Point[];
  /** Seconds that the page's charts span, all alike. */
  readonly lengthSec: number;
  readonly text: (value: number) => string;
  readonly bottom?: number;
  readonly top?: number;
  /** Moments that the page tells more of. */
  readonly marks?: readonly (Point & { readonly href: string; readonly label: string })[];
}

/** A stretch of the film as it is drawn: more than one for each two or three pixels nobody can see. */
interface Slot {
  readonly fromSec: number;
  readonly toSec: number;
  readonly low: number;
  readonly mean: number;
  readonly high: number;
}

const MOST_SLOTS = 240;
const HEIGHT = 100;
const WIDTH = 1000;

/** Neighbours drawn as one keep their extremes: a single bad picture in an hour stays to be seen. */
function slotsOf({ points, lengthSec }: Chart): readonly Slot[] {
  const each = Math.max(1, Math.ceil(points.length / MOST_SLOTS));
  const count = Math.ceil(points.length / each);
  return Array.from({ length: count }, (_, n) => {
    const part = points.slice(n * each, (n + 1) * each);
    const values = part.map(({ value }) => value);
    return {
      fromSec: part[0]?.sec ?? 0,
      toSec: points[(n + 1) * each]?.sec ?? lengthSec,
      low: Math.min(...values),
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      high: Math.max(...values),
    };
  });
}

const number = (value: number): string => String(Math.round(value * 100) / 100);

/** The means as a line, what lies around them as a band; rates as steps from the ground, because a rate holds for a while. */
function drawing(
  slots: readonly Slot[],
  x: (sec: number) => number,
  y: (value: number) => number,
  kind: Chart['kind'],
) {
  const middle = ({ fromSec, toSec }: Slot): number => x((fromSec + toSec) / 2);
  const path = (list: readonly (readonly [number, number])[]): string =>
    list.map(([across, down]) => `${number(across)} ${number(down)}`).join('L');
  if (kind === 'bitrate') {
    const steps = slots.flatMap(
      ({ fromSec, toSec, mean }) =>
        [
          [x(fromSec), y(mean)],
          [x(toSec), y(mean)],
        ] as const,
    );
    const [first, last] = [slots[0], slots.at(-1)];
    const ground = path([
      [x(last?.toSec ?? 0), HEIGHT],
      [x(first?.fromSec ?? 0), HEIGHT],
    ]);
    return html`<path class="area" d="M${path(steps)}L${ground}Z"/><path class="line" d="M${path(steps)}"/>`;
  }
  const band = [
    ...slots.map((slot) => [middle(slot), y(slot.high)] as const),
    ...slots.toReversed().map((slot) => [middle(slot), y(slot.low)] as const),
  ];
  const line = slots.map((slot) => [middle(slot), y(slot.mean)] as const);
  return html`<path class="area" d="M${path(band)}Z"/><path class="line" d="M${path(line)}"/>`;
}

/** Left and right of the plot the label of a moment turns inwards. */
const edge = (share: number): string => (share < 0.2 ? 'l' : share > 0.8 ? 'r' : 'm');

function slotText({ fromSec, low, mean, high }: Slot, text: Chart['text']): string {
  const range = text(low) === text(high) ? '' : ` (${text(low)} to ${text(high)})`;
  return `${formatTime(fromSec)} · ${text(mean)}${range}`;
}

/**
 * A chart that fits any width: the drawing stretches, while the labels are text of the page and stay as they are. The
 * stretches under the pointer tell their figures by style alone; no script is needed.
 */
export function chart(spec: Chart): Markup {
  const { title, kind, points, lengthSec, text } = spec;
  const axis = valueAxis(
    points.map(({ value }) => value),
    spec,
  );
  const times = timeAxis(lengthSec);
  const slots = slotsOf(spec);
  const down = (value: number): number => (1 - (value - axis.from) / (axis.to - axis.from)) * HEIGHT;
  const share = (sec: number): number => Math.min(1, sec / lengthSec);
  const percent = (part: number): string => `${number(part * 100)}%`;
  const values = points.map(({ value }) => value);
  const extreme =
    kind === 'bitrate'
      ? `highest ${text(values.reduce((a, b) => Math.max(a, b), 0))}`
      : `lowest ${text(values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY))}`;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const said = `${title}: ${text(mean)} on average, ${extreme}, over ${formatTime(lengthSec)}`;
  return html`<figure class="chart ${kind}"><figcaption>${title} <span>${extreme}</span></figcaption>
<div class="plot"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${said}">
${axis.ticks.map((tick) => html`<path class="grid" d="M0 ${number(down(tick))}H${WIDTH}"/>`)}
${drawing(slots, (sec) => share(sec) * WIDTH, down, kind)}</svg>
${axis.ticks.map((tick) => html`<span class="y" style="top:${number(down(tick))}%">${text(tick)}</span>`)}
${times.ticks.map((tick, n) => html`<span class="x${n % 2 === 1 ? ' odd' : ''}" style="left:${percent(share(tick))}">${formatTime(tick)}</span>`)}
${slots.map((slot) => html`<i class="${edge(share(slot.fromSec))}" style="left:${percent(share(slot.fromSec))};width:${percent(share(slot.toSec) - share(slot.fromSec))}" data-tip="${slotText(slot, text)}"></i>`)}
${(spec.marks ?? []).map((mark) => html`<a class="mark" href="${mark.href}" style="left:${percent(share(mark.sec))};top:${number(down(mark.value))}%" title="worst moment at ${formatTime(mark.sec)}">${mark.label}</a>`)}
</div></figure>`;
}
