/** How a picture is made up of thumbnails, row by row, as a playlist or manifest says it. */
export interface Tiles {
  readonly columns: number;
  readonly rows: number;
  /** Pixels of one; undefined where that is not said. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** What one stands for, seconds; undefined: its part of the whole picture's time. */
  readonly sec: number | undefined;
}

/** `5x4`; undefined for anything else. */
export function readPair(text: string | undefined): readonly [number, number] | undefined {
  const match = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text ?? '');
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}
