import { expect, it } from 'vitest';
import { OutageDetector } from '../../../lib/delivery/outage-detector.js';

const origins = (count: number) => Array.from({ length: count }, (_, index) => `http://r${index}.example`);

function detector() {
  const clock = { now: 0 };
  const made = new OutageDetector(() => clock.now);
  const outage = {
    /** One webhook for each origin, unless it is named. */
    report: (origin: string, connected: boolean, webhookId = origin) =>
      made.report(origin, webhookId, connected),
    get suspected() {
      return made.suspected;
    },
  };
  return { clock, outage };
}

it('is suspected when connections to most of several origins fail', () => {
  const { outage } = detector();
  for (const origin of origins(10)) outage.report(origin, true);
  expect(outage.suspected).toBe(false);
  for (const origin of origins(5)) outage.report(origin, false);
  expect(outage.suspected).toBe(false);
  outage.report('http://r5.example', false);
  expect(outage.suspected).toBe(true);
});

it.each([1, 2])('is not suspected when only %i are known', (count) => {
  const { outage } = detector();
  for (const origin of origins(count)) outage.report(origin, false);
  expect(outage.suspected).toBe(false);
});

it('is not suspected for one dead origin, however often it fails', () => {
  const { outage } = detector();
  for (const origin of origins(3)) outage.report(origin, true);
  for (let time = 0; time < 1_000; time++) outage.report('http://r0.example', false);
  expect(outage.suspected).toBe(false);
});

it('is not suspected for one webhook with many dead origins, nor for many webhooks with one', () => {
  const { outage } = detector();
  for (const origin of origins(3)) outage.report(origin, true);
  for (let index = 0; index < 20; index++) outage.report(`http://dead${index}.example`, false, 'one');
  expect(outage.suspected).toBe(false);
  const other = detector().outage;
  for (const origin of origins(3)) other.report(origin, true);
  for (let index = 0; index < 20; index++) other.report('http://dead.example', false, `webhook ${index}`);
  expect(other.suspected).toBe(false);
});

it('is over when connections succeed, and forgotten after a while', () => {
  const { clock, outage } = detector();
  for (const origin of origins(4)) outage.report(origin, false);
  expect(outage.suspected).toBe(true);
  clock.now = 60_001;
  expect(outage.suspected).toBe(false);
  for (const origin of origins(4)) outage.report(origin, false);
  for (const origin of origins(2)) outage.report(origin, true);
  expect(outage.suspected).toBe(false);
});
