import type { Reference } from './hls-read.ts';
import type { ByteRange } from './package.ts';
import type { XmlNode } from './xml-read.ts';

export interface DashSegment extends Reference {
  /** On the Representation's own line, ticks. */
  readonly startTicks: number;
  readonly durationTicks: number;
}

/** Where a Representation's media is (ISO/IEC 23009-1, 5.3.9). URIs are relative to the manifest. */
export interface DashAddresses {
  /** `index`: one file, whose `sidx` tells its segments; `whole`: one file without any, such as WebVTT. */
  readonly kind: 'timeline' | 'nominal' | 'index' | 'whole';
  readonly timescale: number;
  /** presentationTimeOffset, ticks. */
  readonly offsetTicks: number;
  readonly init: Reference | undefined;
  readonly segments: readonly DashSegment[];
  /** Of `index` and `whole`. */
  readonly file: Reference | undefined;
  readonly faults: readonly string[];
}

interface Names {
  readonly id: string;
  readonly bandwidth: number;
  readonly periodSec: number | undefined;
}

const child = (node: XmlNode | undefined, name: string): XmlNode | undefined =>
  node?.children.find((one) => one.name === name);

const ADDRESS_BOOKS = ['SegmentTemplate', 'SegmentList', 'SegmentBase'] as const;
/** A broken repeat count must not fill the memory: a week of one-second segments. */
const MAX_SEGMENTS = 604_800;

/** An address as its ancestors' base URLs make it; an absolute one stands for itself. */
function joined(base: string, uri: string): string {
  return /^[a-z][a-z0-9+.-]*:|^\//i.test(uri) ? uri : base.replace(/[^/]*$/, '') + uri;
}

/** @param line from the MPD down to the Representation */
export function readAddresses(line: readonly XmlNode[], names: Names): DashAddresses {
  const base = line.reduce((uri, node) => {
    const own = child(node, 'BaseURL')?.text;
    return own ? joined(uri, own) : uri;
  }, '');
  const book = ADDRESS_BOOKS.find((name) => line.some((node) => child(node, name)));
  const nodes = line.flatMap((node) => (book ? (child(node, book) ?? []) : [])).reverse();
  const reader = new AddressReader(nodes, base, names);
  if (book === 'SegmentTemplate') return reader.template();
  return book === 'SegmentList' ? reader.list() : reader.file(book === 'SegmentBase');
}

/** `0-799`, both ends included. */
function readRange(text: string | undefined): ByteRange | undefined {
  const match = /^(\d+)-(\d+)$/.exec(text ?? '');
  return match ? { offset: Number(match[1]), length: Number(match[2]) - Number(match[1]) + 1 } : undefined;
}

interface Span {
  readonly startTicks: number;
  readonly durationTicks: number;
}

class AddressReader {
  /** Nearest first: what it does not say, the next one does. */
  readonly #nodes: readonly XmlNode[];
  readonly #base: string;
  readonly #names: Names;
  readonly #faults: string[] = [];

  constructor(nodes: readonly XmlNode[], base: string, names: Names) {
    this.#nodes = nodes;
    this.#base = base;
    this.#names = names;
  }

  template(): DashAddresses {
    const media = this.#attribute('media');
    if (media === undefined) this.#fault('its SegmentTemplate has no media');
    const spans = this.#spans();
    const first = this.#number('startNumber') ?? 1;
    const segments = spans.map((span, i) => ({
      ...span,
      uri: joined(this.#base, this.#filled(media ?? '', { Number: first + i, Time: span.startTicks })),
      range: undefined,
    }));
    const initialization = this.#attribute('initialization');
    const init =
      initialization === undefined
        ? this.#initialization()
        : { uri: joined(this.#base, this.#filled(initialization, {})), range: undefined };
    return this.#addresses(this.#isTimed() ? 'timeline' : 'nominal', { init, segments });
  }

  list(): DashAddresses {
    const urls = this.#nodes.find((node) => child(node, 'SegmentURL'))?.children ?? [];
    const named = urls.filter(({ name }) => name === 'SegmentURL');
    const spans = this.#spans(named.length);
    if (spans.length !== named.length) this.#fault(`it lists ${named.length} segments with times for ${spans.length}`);
    const segments = named.slice(0, spans.length).map(({ attributes }, i) => {
      const media = attributes.get('media');
      const span = spans[i] ?? { startTicks: 0, durationTicks: 0 };
      const uri = media === undefined ? this.#base : joined(this.#base, media);
      return { ...span, uri, range: readRange(attributes.get('mediaRange')) };
    });
    return this.#addresses(this.#isTimed() ? 'timeline' : 'nominal', { init: this.#initialization(), segments });
  }

  file(indexed: boolean): DashAddresses {
    const range = readRange(this.#attribute('indexRange'));
    const file = { uri: this.#base, range };
    return { ...this.#addresses(indexed ? 'index' : 'whole', { init: this.#initialization(), segments: [] }), file };
  }

  #addresses(
    kind: DashAddresses['kind'],
    found: { readonly init: Reference | undefined; readonly segments: readonly DashSegment[] },
  ): DashAddresses {
    const offsetTicks = this.#number('presentationTimeOffset') ?? 0;
    return { kind, timescale: this.#timescale(), offsetTicks, ...found, file: undefined, faults: this.#faults };
  }

  #fault(text: string): void {
    this.#faults.push(`its Representation ${this.#names.id}: ${text}`);
  }

  #attribute(name: string): string | undefined {
    return this.#nodes.map((node) => node.attributes.get(name)).find((value) => value !== undefined);
  }

  #number(name: string): number | undefined {
    const value = Number(this.#attribute(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  }

  #timescale(): number {
    return this.#number('timescale') || 1;
  }

  #initialization(): Reference | undefined {
    const node = this.#nodes.map((one) => child(one, 'Initialization')).find((one) => one !== undefined);
    if (!node) return undefined;
    const source = node.attributes.get('sourceURL');
    const uri = source === undefined ? this.#base : joined(this.#base, source);
    return { uri, range: readRange(node.attributes.get('range')) };
  }

  #timeline(): XmlNode | undefined {
    return this.#nodes.map((node) => child(node, 'SegmentTimeline')).find((one) => one !== undefined);
  }

  #isTimed(): boolean {
    return this.#timeline() !== undefined;
  }

  /** Segments by their timeline, or of one nominal duration up to the period's end (or as many as are listed). */
  #spans(listed?: number): readonly Span[] {
    const timeline = this.#timeline();
    if (timeline) return this.#timed(timeline);
    const durationTicks = this.#number('duration');
    if (!durationTicks) {
      // A list of one needs no duration: it lasts as long as its period.
      if (listed === 1) return [{ startTicks: 0, durationTicks: this.#periodTicks() }];
      this.#fault('it has neither a SegmentTimeline nor a duration');
      return [];
    }
    const count = listed ?? Math.min(MAX_SEGMENTS, Math.ceil(this.#periodTicks() / durationTicks - 1e-6));
    return Array.from({ length: count }, (_, i) => ({ startTicks: i * durationTicks, durationTicks }));
  }

  #periodTicks(): number {
    return (this.#names.periodSec ?? 0) * this.#timescale();
  }

  #timed(timeline: XmlNode): readonly Span[] {
    const spans: Span[] = [];
    const rows = timeline.children.filter(({ name }) => name === 'S');
    const numberOf = (row: XmlNode | undefined, name: string) => Number(row?.attributes.get(name) ?? Number.NaN);
    let at = 0;
    for (const [i, row] of rows.entries()) {
      const [t, d, r] = ['t', 'd', 'r'].map((name) => numberOf(row, name));
      if (!(d && d > 0)) {
        this.#fault('a row of its SegmentTimeline has no duration');
        continue;
      }
      if (t !== undefined && !Number.isNaN(t)) at = t;
      const next = numberOf(rows[i + 1], 't');
      const end = Number.isNaN(next) ? this.#periodTicks() + (this.#number('presentationTimeOffset') ?? 0) : next;
      const repeats = Number.isNaN(r ?? Number.NaN) ? 0 : r === -1 ? Math.ceil((end - at) / d) - 1 : (r ?? 0);
      for (let k = 0; k <= repeats && spans.length < MAX_SEGMENTS; k++, at += d) {
        spans.push({ startTicks: at, durationTicks: d });
      }
    }
    return spans;
  }

  /** `$Number%05d$` and its kin; `$$` is a dollar sign. */
  #filled(template: string, values: { readonly Number?: number; readonly Time?: number }): string {
    const all: Readonly<Record<string, string | number | undefined>> = {
      RepresentationID: this.#names.id,
      Bandwidth: this.#names.bandwidth,
      ...values,
    };
    return template.replaceAll(/\$(\w*)(?:%0(\d+)d)?\$/g, (whole, name: string, width: string | undefined) => {
      if (name === '') return '$';
      const value = all[name];
      if (value === undefined) this.#fault(`its template has ${whole}, which means nothing there`);
      return `${value ?? ''}`.padStart(Number(width ?? 0), '0');
    });
  }
}
