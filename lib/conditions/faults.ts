import { ConditionInvalidError, type ConditionIssue } from './condition-invalid-error.js';

const MOST = 50;

/** Collects the faults of one definition, so that an operator sees them together. */
export class Faults {
  readonly #issues: ConditionIssue[] = [];

  /** Notes a fault. Past the fiftieth nothing more is kept. */
  add(path: string, message: string): void {
    if (this.#issues.length < MOST) this.#issues.push({ path, message });
  }

  /** @throws ConditionInvalidError when a fault was noted. */
  throwIfAny(): void {
    const [first, ...others] = this.#issues;
    if (first) throw new ConditionInvalidError([first, ...others]);
  }
}

/** The path of a key or index below `path`. Keys that are no names are quoted and cut. */
export function below(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  if (!/^[A-Za-z_$][\w$]{0,63}$/.test(key)) return `${path}[${quote(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** Text of the operator's as it may appear in a message: quoted, escaped and cut at 60 characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
