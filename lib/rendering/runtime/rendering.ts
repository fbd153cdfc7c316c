import { TemplateError, type TemplateErrorCode } from '../template-error.js';
import { MAX_MACRO_DEPTH } from '../template-limits.js';
import type { Value } from '../values/value.js';
import type { Budget } from './budget.js';
import { Scope } from './scope.js';
import type { TemplateVariables } from './template-variables.js';

/** The state of one rendering of one template. */
export class Rendering {
  readonly budget: Budget;
  /** Values, unlike the template's own text, may not hold line breaks: a value cannot begin a header of its own. */
  readonly singleLineValues: boolean;
  readonly #variables: TemplateVariables;
  #scope = new Scope(undefined, true);
  #output = '';
  #macroDepth = 0;
  #line: number | undefined;
  #column: number | undefined;

  constructor(budget: Budget, variables: TemplateVariables, singleLineValues: boolean) {
    this.budget = budget;
    this.singleLineValues = singleLineValues;
    this.#variables = variables;
  }

  get scope(): Scope {
    return this.#scope;
  }

  get output(): string {
    return this.#output;
  }

  /** Where in the template the rendering is, for errors. */
  get place(): { line: number | undefined; column: number | undefined } {
    return { line: this.#line, column: this.#column };
  }

  moveTo(line: number | undefined, column: number | undefined): void {
    this.#line = line;
    this.#column = column;
  }

  /** An error at the place the rendering is. */
  error(code: TemplateErrorCode, detail: string): TemplateError {
    return new TemplateError(code, detail, this.place);
  }

  /** An error of a value that does not fit. */
  mismatch(detail: string): TemplateError {
    return this.error('WEBHOOKS_TEMPLATE_RUNTIME', detail);
  }

  write(text: string): void {
    this.budget.output(this.#output.length + text.length, text.length);
    this.#output += text;
  }

  /** What `run` writes, instead of writing it. */
  capture(run: (rendering: Rendering) => void): string {
    const before = this.#output;
    this.#output = '';
    run(this);
    const captured = this.#output;
    this.#output = before;
    return captured;
  }

  /** Runs with a scope of its own below `parent`. */
  within<T>(parent: Scope, isolated: boolean, run: (scope: Scope) => T): T {
    const before = this.#scope;
    this.#scope = new Scope(parent, isolated);
    const result = run(this.#scope);
    this.#scope = before;
    return result;
  }

  /** Runs a macro's body one call deeper. */
  deeper<T>(run: () => T): T {
    if (++this.#macroDepth > MAX_MACRO_DEPTH) {
      throw this.error(
        'WEBHOOKS_TEMPLATE_LIMIT',
        `Macros call one another more than ${MAX_MACRO_DEPTH} deep.`,
      );
    }
    const result = run();
    this.#macroDepth--;
    return result;
  }

  /** The value of a name: the nearest scope's, else the variable the template was rendered with. */
  lookup(name: string): Value {
    const scope = this.#scope.find(name);
    return scope === undefined ? this.#variables.get(name) : scope.get(name);
  }
}
