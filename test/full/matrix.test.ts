import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONTAINERS } from '../../src/codecs/containers.ts';
import type { EncoderRow } from '../../src/codecs/encoder-row.ts';
import { VIDEO_CODECS } from '../../src/codecs/video.ts';
import { streamValue } from '../support/clips.ts';
import { ALL_IDS, ALLOWED, type Combination, idsOf, REFUSED, takesPicture, titled } from '../support/combinations.ts';
import {
  containerOf,
  expectCombinationRefused,
  expectDelivered,
  expectFilm,
  expectNothingStarted,
  flagsFor,
  loggedTools,
} from '../support/expect-combination.ts';
import { ffmpegWithout } from '../support/fake-tools.ts';
import { fresh, listing, ok, resultOf } from '../support/run-cli.ts';

// Every combination of the rows through bin/sg-export.js: made and looked at, or refused before anything starts.
test('what is made and what is refused are everything, and hold every row', () => {
  expect(idsOf(ALLOWED)).toEqual(ALL_IDS);
  const audio = ALL_IDS.audio.split(' ').length;
  expect(audio).toBeGreaterThan(1);
  expect(ALLOWED.length).toBeGreaterThan(0);
  expect(REFUSED.length).toBeGreaterThan(0);
  expect(ALLOWED.length + REFUSED.length).toBe(VIDEO_CODECS.length * CONTAINERS.length * audio);
  expect(new Set([...ALLOWED, ...REFUSED].map(({ title }) => title)).size).toBe(ALLOWED.length + REFUSED.length);
});

describe(`${ALLOWED.length} combinations that the rows allow are made`, () => {
  test.each(titled(ALLOWED))('%s', (_, one) => expectDelivered(one));
});

describe(`${REFUSED.length} combinations that the rows refuse are exit 4 before anything starts`, () => {
  const tools = loggedTools();
  test.each(titled(REFUSED))('%s', (_, one) => expectCombinationRefused(one, tools));
});

/** Each codec in each container that takes it, with the audio codec that it gets when none is named. */
const PICTURES = VIDEO_CODECS.flatMap((codec) =>
  ALLOWED.filter((one) => one.codec === codec && one.audio !== undefined).filter(
    ({ container }, at, all) => all.findIndex((other) => other.container === container) === at,
  ),
);
const withEncoder = (one: Combination, row: EncoderRow) => ({
  ...one,
  row,
  title: `${row.encoder} ${one.container.id}`,
});

describe('every flavour of the editing codecs, in every container that takes it', () => {
  const cases = PICTURES.flatMap((one) =>
    one.codec.encoders.flatMap(({ flavours = {} }) =>
      Object.entries(flavours).map(([name, flavour]) => ({ one, name, flavour })),
    ),
  ).map((each) => [`${each.one.codec.id} ${each.name} ${each.one.container.id}`, each] as const);
  test('are there', () => {
    const editing = VIDEO_CODECS.filter(({ kind }) => kind === 'editing').map(({ id }) => id);
    expect([...new Set(cases.map(([, { one }]) => one.codec.id))].sort()).toEqual([...editing].sort());
  });
  test.each(cases)('%s', async (_, { one, name, flavour }) => {
    const out = join(fresh(), `out.${one.container.extensions[0]}`);
    await ok([...flagsFor(one, out), '--set', `profile=${name}`]);
    const picture = expectFilm(out, one);
    const encoded = flavour.formats[0]?.name ?? '';
    expect(picture).toMatchObject({ profile: flavour.profile, pix_fmt: flavour.probedAs?.[encoded] ?? encoded });
    if (one.container.id === 'mov') expect(picture.codec_tag_string).toBe(flavour.codecTag);
  });
});

// Encoders of devices are asked by trials first: hardware.test.ts.
describe('every software encoder that stands behind another, where ffmpeg lacks the ones before it', () => {
  const cases = PICTURES.flatMap((one) =>
    one.codec.encoders.slice(1).flatMap((row) => (row.hardware === null ? [withEncoder(one, row)] : [])),
  ).map((each) => [each.title, each] as const);
  test.each(cases)('%s', async (_, { row, ...one }) => {
    const better = one.codec.encoders.slice(0, one.codec.encoders.indexOf(row)).map(({ encoder }) => encoder);
    const out = join(fresh(), `out.${one.container.extensions[0]}`);
    const run = await ok([...flagsFor(one, out), '--json', '--ffmpeg', ffmpegWithout(fresh(), better)]);
    expect(resultOf(run).encoder).toBe(row.encoder);
    expectFilm(out, one);
  });
});

describe('names', () => {
  const extensions = CONTAINERS.flatMap((row) => row.extensions.map((extension) => ({ row, extension })));
  const inOf = (row: Combination['container']) => ALLOWED.filter(({ container }) => container === row);

  test.each(extensions.map(({ row, extension }) => [extension, row] as const))(
    '.%s alone picks the container, and codecs that go there',
    async (extension, row) => {
      const [one] = inOf(row);
      if (!one) throw new Error(`${row.id} takes nothing`);
      const out = join(fresh(), `out.${extension}`);
      await ok(['export', flagsFor(one, out)[1] ?? '', '-o', out, '--speed', 'ultrafast', '-q']);
      expect(containerOf(out)).toBe(row.id);
      const found = [streamValue(out, 'video', 'codec_name'), streamValue(out, 'audio', 'codec_name')];
      const [picture, sound] = found;
      const fits = inOf(row).some((c) => c.codec.probeName === picture && c.audio?.probeNames.includes(sound ?? ''));
      expect(fits, found.join()).toBe(true);
    },
  );

  test.each(CONTAINERS.map((row) => [row.id, row] as const))(
    '--container %s into a folder picks the extension',
    async (id, row) => {
      const [one] = inOf(row).filter(takesPicture);
      if (!one) throw new Error(`${row.id} takes nothing`);
      const folder = fresh();
      await ok([...flagsFor(one, folder), '--container', id]);
      expect(listing(folder)).toEqual([expect.stringMatching(new RegExp(`\\.${row.extensions[0]}$`))]);
      expectFilm(join(folder, listing(folder)[0] ?? ''), one);
    },
  );

  const against = extensions.flatMap(({ row, extension }) =>
    CONTAINERS.filter((other) => other !== row).map((other) => [other.id, extension, row] as const),
  );
  const tools = loggedTools();
  test.each(against)('--container %s against .%s is exit 2 before anything starts', async (id, extension, row) => {
    const [one] = inOf(row);
    if (!one) throw new Error(`${row.id} takes nothing`);
    const out = join(fresh(), `out.${extension}`);
    const run = await expectNothingStarted([...flagsFor(one, out), '--container', id], out, tools, 2);
    expect(run.stderr).toContain(`--container ${id} does not agree with the extension .${extension}`);
  });
});
