import { pathToFileURL } from 'node:url';
import { compileConditions } from '../lib/conditions/compile-conditions.js';
import { explainConditions } from '../lib/conditions/explain-conditions.js';

const CONDITIONS = {
  and: [
    { attr: 'status.value', value: 'active' },
    { attr: 'asn', op: 'gte', value: 64512 },
    { attr: 'tags.slug', op: 'contains', value: 'production' },
    { attr: 'status', op: 'changed' },
    { or: [{ attr: '$username', op: 'in', value: ['ada', 'grace'] }] },
  ],
};

const SUBJECT = {
  data: {
    id: 85,
    asn: 65000,
    status: { value: 'active', label: 'Active' },
    tags: [
      { id: 1, slug: 'edge' },
      { id: 2, slug: 'production' },
    ],
  },
  snapshots: { prechange: { asn: 65000, status: 'planned' }, postchange: { asn: 65000, status: 'active' } },
  event: 'update',
  model: 'autonomoussystem',
  username: 'grace',
  changed: ['status'],
};

/** Evaluations a second, best of five rounds. */
export interface ConditionRates {
  readonly evaluate: number;
  readonly explain: number;
}

/** Measures a five-term condition that has to look at every term, and prints the rates. */
export function run(): ConditionRates {
  const evaluate = compileConditions(CONDITIONS);
  const explain = explainConditions(CONDITIONS);
  const rates = {
    evaluate: rate(() => evaluate(SUBJECT).matched),
    explain: rate(() => explain(SUBJECT).matched),
  };
  console.log(
    `conditions: ${format(rates.evaluate)} evaluations/s, ${format(rates.explain)} explanations/s (5 terms)`,
  );
  return rates;
}

function rate(once: () => boolean): number {
  const times = 200_000;
  const round = (): number => {
    const start = performance.now();
    for (let time = 0; time < times; time++) if (!once()) throw new Error('The condition should match.');
    return (times * 1_000) / (performance.now() - start);
  };
  return Math.max(...Array.from({ length: 5 }, round));
}

function format(perSecond: number): string {
  return Math.round(perSecond).toLocaleString('en-GB');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) run();
