/** Whether the pictures are fields, and how sure: 0.5 = a coin, 1 = every judged picture. */
export interface InterlaceFinding {
  readonly interlaced: boolean;
  readonly confidence: number;
  /** Pictures in which motion between the fields told. */
  readonly judged: number;
}

/** What was measured of a source before deciding. A key that is absent was not asked for. */
export interface Analyses {
  readonly interlace?: InterlaceFinding;
}
