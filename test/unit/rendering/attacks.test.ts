import { describe, expect, it } from 'vitest';
import { attack, complaint } from './attack-run.js';
import { ATTACK_CONTEXT, ATTACKS } from './attacks.fixture.js';
import { RESOURCE_ATTACKS } from './resource-attacks.fixture.js';

describe.each(Object.entries(ATTACKS))('an attack through %s', (_, templates) => {
  it.each(templates)('comes to nothing: %s', (template) => {
    const context = structuredClone(ATTACK_CONTEXT);
    expect(complaint(attack(template, context))).toBeUndefined();
    expect(context).toEqual(ATTACK_CONTEXT);
  });
});

describe('an attack on time and memory', () => {
  it.each(RESOURCE_ATTACKS.map((template) => [template.slice(0, 100), template]))(
    'is refused: %s',
    (_, template) => {
      const outcome = attack(template, ATTACK_CONTEXT);
      expect(complaint(outcome)).toBeUndefined();
      expect(outcome.code).toMatch(/^WEBHOOKS_TEMPLATE_(LIMIT|SYNTAX|FORBIDDEN|RUNTIME)$/);
    },
  );
});
