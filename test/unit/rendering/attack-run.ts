import { compileTemplate } from '../../../lib/rendering/compile-template.js';
import { timeHeld } from '../../support/time-held.js';

/** How an attack ended. */
export interface Outcome {
  readonly template: string;
  readonly milliseconds: number;
  readonly code?: string;
  readonly message?: string;
  readonly text?: string;
  /** What was there afterwards that was not before. */
  readonly leaked: string[];
}

const WATCHED: readonly object[] = [globalThis, Object, Object.prototype, Array.prototype, String.prototype, Function.prototype, Number.prototype]; // prettier-ignore

function surroundings(): string[] {
  return WATCHED.flatMap((target, index) => Reflect.ownKeys(target).map((key) => `${index}:${String(key)}`));
}

/** Compiles and renders a template and says how it ended; up to three times, since other processes are about. */
export function attack(template: string, context: object): Outcome {
  let outcome = attackOnce(template, context);
  for (let again = 0; again < 2 && outcome.milliseconds > 200; again++) {
    const next = attackOnce(template, context);
    outcome = { ...next, leaked: [...outcome.leaked, ...next.leaked] };
  }
  return outcome;
}

function attackOnce(template: string, context: object): Outcome {
  const before = new Set(surroundings());
  const { result, milliseconds } = timeHeld(() => run(template, context));
  return {
    ...result,
    template: template.length > 120 ? `${template.slice(0, 120)}… (${template.length})` : template,
    milliseconds,
    leaked: surroundings().filter((key) => !before.has(key)),
  };
}

function run(template: string, context: object): { code?: string; message?: string; text?: string } {
  try {
    return { text: compileTemplate(template)(context) };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { code: code ?? 'no code', message };
  }
}

/** What is wrong with how an attack ended; undefined when nothing is. */
export function complaint(outcome: Outcome): string | undefined {
  if (outcome.leaked.length > 0) return `changed ${outcome.leaked.join()}`;
  if (outcome.milliseconds > 200) return `took ${outcome.milliseconds.toFixed()} ms`;
  if (outcome.code !== undefined) {
    return outcome.code.startsWith('WEBHOOKS_TEMPLATE_')
      ? undefined
      : `ended in ${outcome.code}: ${outcome.message}`;
  }
  const text = outcome.text ?? '';
  return /PWNED|function|=>|native code|\[object (?!Object\])|root:|node_modules/.test(text)
    ? `rendered ${text}`
    : undefined;
}
