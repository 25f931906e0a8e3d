import { counted } from '../model/counted.ts';
import { formatBytes } from '../model/units.ts';
import type { ExportParts } from './export-report.ts';
import { exportedReport, nameOf } from './export-report.ts';
import { html, type Markup } from './html.ts';
import { pageOf, reportSections } from './page.ts';
import { type PlottedPoint, scatter } from './scatter.ts';

export interface MultiParts {
  /** In the order of the request; only what was delivered. */
  readonly outputs: readonly ExportParts[];
  /** What was asked for and is not there, each with why. */
  readonly failed: readonly { readonly label: string; readonly message: string }[];
  readonly made: string;
}

interface Numbered {
  readonly n: number;
  readonly parts: ExportParts;
}

const frameOf = ({ plan: { settings } }: ExportParts): string => `${settings.width}×${settings.height}`;

function points(outputs: readonly Numbered[], metric: 'ssim' | 'vmaf'): readonly PlottedPoint[] {
  return outputs.flatMap(({ n, parts }) => {
    const value = parts.quality?.[metric];
    if (value === undefined) return [];
    const { destination, settings } = parts.plan;
    return [
      { n, value, name: nameOf(destination), bytes: parts.bytes, codec: settings.video_codec, frame: frameOf(parts) },
    ];
  });
}

/** One plot for each source and figure: films are not compared with each other. */
function plots(outputs: readonly Numbered[]): Markup | undefined {
  const sources = [...new Set(outputs.map(({ parts }) => parts.plan.source))];
  const all = sources.flatMap((source) => {
    const own = outputs.filter(({ parts }) => parts.plan.source === source);
    const of = sources.length > 1 ? `, ${nameOf(source)}` : '';
    const [ssim, vmaf] = [points(own, 'ssim'), points(own, 'vmaf')];
    const exact = (value: number): string => String(Number(value.toFixed(4)));
    return [
      ...(ssim.length === 0 ? [] : [scatter({ title: `SSIM${of}`, points: ssim, text: exact, top: 1 })]),
      ...(vmaf.length === 0
        ? []
        : [scatter({ title: `VMAF${of}`, points: vmaf, text: (value) => `${Number(value.toFixed(1))}` })]),
    ];
  });
  if (all.length === 0) return undefined;
  return html`<section><h2>Size and quality</h2><div class="charts">${all}</div>
<p class="soft">Up and to the left is better. Each output is compared with its source at its own frame: figures of different frames do not rank each other.</p></section>`;
}

function outputTable(outputs: readonly Numbered[]): Markup {
  const hasVmaf = outputs.some(({ parts }) => parts.quality?.vmaf !== undefined);
  const figures = ({ quality }: ExportParts): readonly Markup[] => [
    html`<td class="n">${quality ? quality.ssim.toFixed(4) : '–'}</td>`,
    ...(hasVmaf ? [html`<td class="n">${quality?.vmaf === undefined ? '–' : quality.vmaf.toFixed(2)}</td>`] : []),
  ];
  return html`<section><h2>Outputs</h2><div class="wide"><table><thead><tr><th></th><th>File</th><th>Codec</th><th>Frame</th><th class="n">Size</th><th class="n">SSIM</th>${hasVmaf ? html`<th class="n">VMAF</th>` : undefined}</tr></thead><tbody>
${outputs.map(
  ({ n, parts }) =>
    html`<tr><td>${n}</td><th scope="row"><a href="#output-${n}">${nameOf(parts.plan.destination)}</a></th><td>${parts.plan.settings.video_codec}</td><td>${frameOf(parts)}</td><td class="n">${formatBytes(parts.bytes)}</td>${figures(parts)}</tr>
`,
)}</tbody></table></div></section>`;
}

/** The page of `multi --report`: all outputs against each other, then each by itself. */
export function multiReport({ outputs, failed, made }: MultiParts): string {
  const numbered = outputs.map((parts, at) => ({ n: at + 1, parts }));
  const sources = [...new Set(outputs.map(({ plan }) => plan.source))];
  const count = counted(outputs.length, 'output');
  const [source = ''] = sources;
  const title = sources.length === 1 ? `${count} of ${nameOf(source)}` : `${count} of ${sources.length} sources`;
  const missing = failed.map(({ label, message }) => html`<li class="bad">${label}: ${message}</li>`);
  const body = html`<header><p class="kind">Exports by sg-export</p><h1>${title}</h1>
${missing.length === 0 ? undefined : html`<ul class="notes">${missing}</ul>`}</header>
${plots(numbered)}
${outputTable(numbered)}
${numbered.map(
  ({
    n,
    parts,
  }) => html`<article class="output" id="output-${n}">${reportSections(exportedReport(parts), { number: n })}</article>
`,
)}`;
  return pageOf({ title, kind: 'Exports by sg-export', body, made });
}
