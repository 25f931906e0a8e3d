import { expect, test } from 'vitest';
import { isFinding, isForecast } from '../../../src/app/sampled.ts';

const part = { fromSec: 0, durationSec: 2, frames: 50, bytes: 9000 };
const finding = { parts: [part], whole: true, headerBytes: 50, startSec: 0.1, secPerFrame: 0.01, spentSec: 1 };
const forecast = { method: 'whole', bytes: 9000, lowBytes: 8900, highBytes: 9100, videoKbps: 30, audioKbps: 6 };

test('samples and forecasts as they were kept are believed', () => {
  expect(isFinding(finding)).toBe(true);
  expect(isFinding({ ...finding, whole: false, source: { film: 1, inVainSec: 0, parts: [1] } })).toBe(true);
  expect(isForecast(forecast)).toBe(true);
  expect(isForecast({ ...forecast, workSec: 1.5 })).toBe(true);
});

test.each([
  [undefined],
  [{ ...finding, parts: [] }],
  [{ ...finding, parts: [part, { ...part, frames: 'x' }] }],
  [{ ...finding, parts: [{ bytes: 1, frames: 1 }] }],
  [{ ...finding, parts: [{ ...part, bytes: -1 }] }],
  [{ ...finding, whole: undefined }],
  [{ ...finding, startSec: null }],
  [{ ...finding, headerBytes: undefined }],
  [{ ...finding, whole: false }],
  [{ ...finding, whole: false, source: { film: 1, inVainSec: 0, parts: [null] } }],
])('half a finding is none: %j', (damaged) => expect(isFinding(damaged)).toBe(false));

test.each([
  [null],
  [{ ...forecast, method: 'guess' }],
  [{ ...forecast, videoKbps: undefined }],
  [{ ...forecast, highBytes: 'x' }],
  [{ ...forecast, workSec: 'x' }],
])('half a forecast is none: %j', (damaged) => expect(isForecast(damaged)).toBe(false));
