import type { Value } from '../values/value.js';
import type { Rendering } from './rendering.js';
import { joinTexts } from './text-of.js';

/**
 * `target[start:stop:step]` with Python's rules, of a list or a text; nothing of null and undefined.
 *
 * @throws TemplateError `WEBHOOKS_TEMPLATE_RUNTIME` for other targets and for bounds that are no integers.
 */
export function takeSlice(
  target: Value,
  start: Value,
  stop: Value,
  step: Value,
  rendering: Rendering,
): Value {
  if (target === null || target === undefined) return undefined;
  if (typeof target !== 'string' && !Array.isArray(target)) {
    throw rendering.mismatch('Only lists and texts can be sliced.');
  }
  const { length } = target;
  const stride = bound(step, 1, rendering);
  if (stride === 0) throw rendering.mismatch('The step of a slice cannot be 0.');
  const [lowest, highest] = stride > 0 ? [0, length] : [-1, length - 1];
  const clamp = (index: number): number =>
    Math.min(Math.max(index < 0 ? index + length : index, lowest), highest);
  const from =
    start === null || start === undefined ? (stride > 0 ? 0 : length - 1) : clamp(bound(start, 0, rendering));
  const to =
    stop === null || stop === undefined ? (stride > 0 ? length : -1) : clamp(bound(stop, 0, rendering));
  if (stride === 1 && typeof target === 'string') {
    const text = target.slice(from, Math.max(from, to));
    rendering.budget.text(text.length);
    return text;
  }
  rendering.budget.list(Math.max(0, Math.ceil((to - from) / stride)));
  const taken: Value[] = [];
  for (let index = from; stride > 0 ? index < to : index > to; index += stride) taken.push(target[index]);
  return typeof target === 'string' ? joinTexts(taken, '', rendering) : taken;
}

function bound(value: Value, fallback: number, rendering: Rendering): number {
  if (value === null || value === undefined) return fallback;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw rendering.mismatch('The bounds of a slice must be integers.');
  }
  return value;
}
