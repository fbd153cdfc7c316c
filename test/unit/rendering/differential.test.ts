import nunjucks from 'nunjucks';
import { describe, expect, it } from 'vitest';
import { compileTemplate } from '../../../lib/rendering/compile-template.js';
import { CONTEXT, DIFFERENT, SAME } from './differential.fixture.js';

const stock = new nunjucks.Environment([], { autoescape: false });

function renderStock(template: string): string | undefined {
  try {
    return stock.renderString(template, structuredClone(CONTEXT));
  } catch {
    return undefined;
  }
}

describe('compared with stock nunjucks', () => {
  it('covers at least 80 templates', () => expect(new Set(SAME).size).toBeGreaterThanOrEqual(80));

  it.each(SAME)('renders the same: %s', (template) => {
    const expected = renderStock(template);
    expect(expected).toBeDefined();
    expect(compileTemplate(template)(CONTEXT)).toBe(expected);
  });

  it.each(DIFFERENT)('differs on purpose, %s: %s', (_, template, here) => {
    expect(renderStock(template)).not.toBe(here);
    expect(compileTemplate(template)(CONTEXT)).toBe(here);
  });
});
