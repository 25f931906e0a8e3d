import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { caseNames, planCase, readCase } from './golden-case.ts';
import { planText } from './plan-text.ts';

// UPDATE_GOLDEN=1 writes what is planned now; the diff is then read line by line before it is committed.
const update = process.env.UPDATE_GOLDEN === '1';
const PLANS = new URL('plans/', import.meta.url);
const planUrl = (name: string) => new URL(`${name}.txt`, PLANS);

describe('golden plans', () => {
  it.each(caseNames())('%s', (name) => {
    const golden = readCase(name);
    const text = planText(golden, planCase(golden));
    if (update) writeFileSync(planUrl(name), text);
    expect(existsSync(planUrl(name)), `${name}.txt is missing: UPDATE_GOLDEN=1 writes it`).toBe(true);
    expect(text).toBe(readFileSync(planUrl(name), 'utf8'));
  });

  it('no plan without a case', () => {
    const extra = readdirSync(PLANS).filter((file) => !caseNames().includes(file.replace(/\.txt$/, '')));
    if (update) for (const file of extra) rmSync(new URL(file, PLANS));
    expect(update ? [] : extra).toEqual([]);
  });
});
