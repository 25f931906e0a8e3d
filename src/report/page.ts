import type { Verification } from '../model/events.ts';
import type { MeasuredQuality, PicturePair } from '../model/quality.ts';
import { formatTime } from '../model/units.ts';
import type { Bitrate } from './bitrate.ts';
import { chart } from './chart.ts';
import { html, type Markup } from './html.ts';
import { STYLE } from './style.ts';

/** A moment that is far from its reference, to be looked at. */
export interface WorstPair extends PicturePair {
  /** Seconds from the first picture. */
  readonly sec: number;
  readonly frame: number;
  readonly ssim: number;
}

/** A figure that is read before anything else. */
export interface Tile {
  readonly name: string;
  readonly value: string;
  readonly remark?: string | undefined;
}

export interface ReportedFilm {
  readonly role: string;
  readonly path: string;
  readonly about: string;
}

/** A report that is one of several on its page. */
export interface Numbered {
  /** From 1. */
  readonly number: number;
}

export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly from: string;
}

/** Everything that the page shows, in words and figures. What came from files stands here as it was. */
export interface Report {
  /** `Comparison`, `Export`. */
  readonly kind: string;
  readonly title: string;
  /** The reference, then what was made of it. */
  readonly films: readonly [ReportedFilm, ReportedFilm];
  readonly tiles: readonly Tile[];
  readonly notes: readonly string[];
  /** Undefined where no picture was compared, as in a copy. */
  readonly quality: MeasuredQuality | undefined;
  readonly worst: readonly WorstPair[];
  /** Empty where the packets do not say when they are shown. */
  readonly bitrate: Bitrate & { readonly of: string };
  readonly lengthSec: number;
  readonly settings: readonly Setting[];
  readonly verification: Verification | undefined;
  /** How and by what it was made. */
  readonly made: string;
}

const MARK_TOP_SSIM = 1;
/** Above this nobody sees a difference, and identical pictures are infinitely far above: they are drawn here. */
const INFINITE_DB = 100;

const oneDecimal = (value: number): string => `${Number(value.toFixed(1))}`;
const decibelText = (value: number): string => (value >= INFINITE_DB ? 'identical' : oneDecimal(value));

/** What a worst moment's pair is called on its page. */
const worstId = (among: Numbered | undefined, n: number): string =>
  among ? `worst-${among.number}-${n + 1}` : `worst-${n + 1}`;

function qualityCharts({ quality, worst, lengthSec }: Report, among: Numbered | undefined): readonly Markup[] {
  if (!quality || quality.pictures.length === 0) return [];
  const { pictures } = quality;
  const marks = worst.map(({ sec, ssim }, n) => ({
    ...{ sec, value: ssim, href: `#${worstId(among, n)}`, label: `${n + 1}` },
  }));
  const scored = pictures.flatMap(({ sec, vmaf }) => (vmaf === undefined ? [] : [{ sec, value: vmaf }]));
  const decibels = pictures.map(({ sec, psnr }) => ({ sec, value: Math.min(psnr, INFINITE_DB) }));
  const alike = decibels.every(({ value }) => value === INFINITE_DB);
  return [
    chart({
      title: 'SSIM',
      kind: 'ssim',
      points: pictures.map(({ sec, ssim }) => ({ sec, value: ssim })),
      lengthSec,
      text: (value) => String(Number(value.toFixed(4))),
      top: MARK_TOP_SSIM,
      marks,
    }),
    ...(alike ? [] : [chart({ title: 'PSNR, dB', kind: 'psnr', points: decibels, lengthSec, text: decibelText })]),
    ...(scored.length === 0
      ? []
      : [chart({ title: 'VMAF', kind: 'vmaf', points: scored, lengthSec, text: oneDecimal, top: 100 })]),
  ];
}

function charts(report: Report, among: Numbered | undefined): Markup | undefined {
  const { bitrate, lengthSec } = report;
  const all = [
    ...qualityCharts(report, among),
    ...(bitrate.points.length === 0
      ? []
      : [
          chart({
            title: `Video bitrate of ${bitrate.of}, kbps in each ${bitrate.stretchSec} s`,
            kind: 'bitrate',
            points: bitrate.points,
            lengthSec,
            text: (value) => `${Math.round(value)}`,
            bottom: 0,
          }),
        ]),
  ];
  return all.length === 0 ? undefined : html`<section><h2>Over time</h2><div class="charts">${all}</div></section>`;
}

function pairs({ worst, films }: Report, among: Numbered | undefined): Markup | undefined {
  if (worst.length === 0) return undefined;
  const [own = '', other = ''] = films.map(({ role }) => role);
  const picture = (role: string, uri: string, sec: number): Markup =>
    html`<figure><img src="${uri}" alt="${role} at ${formatTime(sec)}"><figcaption>${role}</figcaption></figure>`;
  const one = ({ sec, frame, ssim, reference, distorted }: WorstPair, n: number): Markup =>
    html`<article class="worst" id="${worstId(among, n)}"><h3><span class="num">${n + 1}</span>${formatTime(sec)} <small>frame ${frame}, SSIM ${ssim.toFixed(4)}</small></h3>
<div class="pair">${picture(own, reference, sec)}${picture(other, distorted, sec)}</div></article>`;
  return html`<section><h2>Worst moments</h2>${worst.map(one)}</section>`;
}

function verificationTable({ verification }: Report): Markup | undefined {
  if (!verification || verification.checks.length === 0) return undefined;
  return html`<section><h2>Verification</h2><table><thead><tr><th>Check</th><th>Planned</th><th>Found</th><th></th></tr></thead><tbody>
${verification.checks.map(
  ({ name, expected, actual, ok }) =>
    html`<tr><th scope="row">${name}</th><td>${expected}</td><td>${actual}</td><td class="${ok ? 'ok' : 'bad'}">${ok ? '✓ ok' : '✗ failed'}</td></tr>
`,
)}</tbody></table></section>`;
}

function settingsTable({ settings }: Report): Markup | undefined {
  if (settings.length === 0) return undefined;
  return html`<section><h2>Settings</h2><table><thead><tr><th>Setting</th><th>Value</th><th>Set by</th></tr></thead><tbody>
${settings.map(
  ({ name, value, from }) => html`<tr><th scope="row">${name}</th><td>${value}</td><td>${from}</td></tr>
`,
)}</tbody></table></section>`;
}

const heading = ({ kind, title, films, tiles, notes }: Report): Markup =>
  html`<header><p class="kind">${kind}</p><h1>${title}</h1>
<dl class="films">${films.map(({ role, path, about }) => html`<dt>${role}</dt><dd>${path}<small>${about}</small></dd>`)}</dl>
<dl class="tiles">${tiles.map(({ name, value, remark }) => html`<div><dt>${name}</dt><dd>${value}${remark && html`<small>${remark}</small>`}</dd></div>`)}</dl>
${notes.length === 0 ? undefined : html`<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>`}</header>`;

/** What an output is on a page of several: its name, not its source again. */
const subheading = ({ title, films, tiles, notes }: Report, { number }: Numbered): Markup =>
  html`<header><h2><span class="num">${number}</span>${title}</h2><p class="soft">${films[1].about}</p>
<dl class="tiles">${tiles.map(({ name, value, remark }) => html`<div><dt>${name}</dt><dd>${value}${remark && html`<small>${remark}</small>`}</dd></div>`)}</dl>
${notes.length === 0 ? undefined : html`<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>`}</header>`;

/** All that is told of one film; as one of several, its tables are folded away. */
export function reportSections(report: Report, among?: Numbered): Markup {
  const found = [verificationTable(report), settingsTable(report)].filter((table) => table !== undefined);
  const tables = found.length === 0 ? undefined : html`<div class="tables">${found}</div>`;
  const folded = tables && html`<details><summary>Checks and settings</summary>${tables}</details>`;
  return html`${among ? subheading(report, among) : heading(report)}
${charts(report, among)}
${pairs(report, among)}
${among ? folded : tables}`;
}

/** How every page begins: by it a page of ours is told from anything else. */
export const PAGE_HEAD = '<!doctype html>\n<!-- sg-export report -->\n';

/** A page that needs nothing else: no network, no script. Its own policy forbids both. */
export function pageOf(page: {
  readonly title: string;
  readonly kind: string;
  readonly body: Markup;
  readonly made: string;
}): string {
  const style: Markup = { markup: STYLE };
  const whole = html`<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${page.title} · ${page.kind}</title><style>${style}</style></head>
<body><main>${page.body}
<footer>${page.made}</footer></main></body></html>
`;
  return PAGE_HEAD + whole.markup;
}

/** The page of one film. */
export function reportPage(report: Report): string {
  const { title, kind, made } = report;
  return pageOf({ title, kind, made, body: reportSections(report) });
}
