import { createRequire } from 'node:module';
import type { Outcome } from './attack-run.js';
import { ATTACK_CONTEXT, ATTACKS } from './attacks.fixture.js';
import { CONTEXT, DIFFERENT, SAME } from './differential.fixture.js';
import { RESOURCE_ATTACKS } from './resource-attacks.fixture.js';

/** What a process of its own found. */
export interface AttackReport {
  readonly complaints: { template: string; complaint: string }[];
  readonly attacks: number;
  /** What harmless templates rendered. */
  readonly rendered: string[];
  /** The host's own copy of nunjucks is as the host left it. */
  readonly hostUntouched: boolean;
  /** The parser in use is another than the host's. */
  readonly ownParser: boolean;
}

interface Nunjucks {
  readonly parser: { readonly Parser: { readonly prototype: object } };
  installJinjaCompat(): void;
}

const [, , scenario] = process.argv;
const require = createRequire(import.meta.url);

function host(): Nunjucks {
  const nunjucks = require('nunjucks') as Nunjucks;
  nunjucks.installJinjaCompat();
  return nunjucks;
}

const early = scenario === 'compat before' ? host() : undefined;
const parserBefore = early && Object.entries(Object.getOwnPropertyDescriptors(early.parser.Parser.prototype));
const { attack, complaint } = await import('./attack-run.js');
const { compileTemplate } = await import('../../../lib/rendering/compile-template.js');
const { nunjucksSyntax } = await import('../../../lib/rendering/syntax/nunjucks-syntax.js');
const nunjucks = scenario === 'compat after' ? host() : early;

const outcomes: Outcome[] = [...Object.values(ATTACKS).flat(), ...RESOURCE_ATTACKS].map((template) =>
  attack(template, structuredClone(ATTACK_CONTEXT)),
);
const report: AttackReport = {
  complaints: outcomes.flatMap((outcome) => {
    const found = complaint(outcome);
    return found === undefined ? [] : [{ template: outcome.template, complaint: found }];
  }),
  attacks: outcomes.length,
  rendered: [...SAME, ...DIFFERENT.map(([, template]) => template)].map((template) =>
    compileTemplate(template)(CONTEXT),
  ),
  hostUntouched:
    nunjucks === undefined ||
    (require('nunjucks') === nunjucks &&
      (require('nunjucks/src/parser') as Nunjucks['parser']) === nunjucks.parser &&
      (parserBefore ?? []).every(
        ([name, { value }]) =>
          Object.getOwnPropertyDescriptor(nunjucks.parser.Parser.prototype, name)?.value === value,
      )),
  ownParser: (nunjucksSyntax.Parser as unknown) !== (require('nunjucks') as Nunjucks).parser.Parser,
};
process.stdout.write(JSON.stringify(report));
