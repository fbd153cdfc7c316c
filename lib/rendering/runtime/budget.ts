import { TemplateError } from '../template-error.js';
import { MAX_LIST_LENGTH, type TemplateLimits } from '../template-limits.js';

const STEPS_BETWEEN_LOOKS = 128;
// A rendering may make this many times its output in strings on the way.
const MADE_PER_OUTPUT = 8;

/** What one rendering may still use. Sizes are asked for before anything is allocated. */
export class Budget {
  readonly #limits: TemplateLimits;
  readonly #deadline: number;
  #steps = 0;
  #nextLook = STEPS_BETWEEN_LOOKS;
  #made = 0;

  constructor(limits: TemplateLimits) {
    this.#limits = limits;
    this.#deadline = performance.now() + limits.timeLimit;
  }

  /** Takes steps: about one for each statement, turn of a loop, call, and thousand characters looked at. */
  step(count = 1): void {
    this.#steps += count;
    if (this.#steps >= this.#nextLook) this.#look();
  }

  /** Takes room for a string of so many characters. */
  text(length: number): void {
    const { maxOutput } = this.#limits;
    if (length > maxOutput) throw exceeded(`makes a text of more than ${maxOutput} characters`);
    this.#made += length;
    if (this.#made > maxOutput * MADE_PER_OUTPUT) {
      throw exceeded(`makes more than ${maxOutput * MADE_PER_OUTPUT} characters of text on the way`);
    }
    this.step(length >> 10);
  }

  /** Takes room for `added` characters at the end of an output that then has `total`. */
  output(total: number, added: number): void {
    if (total > this.#limits.maxOutput) {
      throw exceeded(`renders more than ${this.#limits.maxOutput} characters`);
    }
    this.text(added);
  }

  /** Takes room for a list or dict of so many elements. */
  list(length: number): void {
    this.growth(length, length);
  }

  /** Takes room for `added` elements of a list or dict that then has `total`. */
  growth(total: number, added: number): void {
    if (total > MAX_LIST_LENGTH) throw exceeded(`makes a list of more than ${MAX_LIST_LENGTH} elements`);
    this.step(1 + (added >> 3));
  }

  /** Takes the worst case of searching one text for another, which V8 does in the product of their lengths. */
  search(text: string, needle: string): void {
    this.step(1 + Math.floor((text.length * needle.length) / 256));
  }

  /** Takes the worst case of comparing two values. */
  comparison(left: unknown, right: unknown): void {
    if (typeof left === 'string' && typeof right === 'string') {
      this.step(1 + (Math.min(left.length, right.length) >> 8));
    } else this.step();
  }

  #look(): void {
    if (this.#steps > this.#limits.maxSteps) throw exceeded(`takes more than ${this.#limits.maxSteps} steps`);
    if (performance.now() > this.#deadline) {
      throw exceeded(`takes longer than ${this.#limits.timeLimit} milliseconds`);
    }
    this.#nextLook = Math.min(this.#steps + STEPS_BETWEEN_LOOKS, this.#limits.maxSteps + 1);
  }
}

function exceeded(what: string): TemplateError {
  return new TemplateError('WEBHOOKS_TEMPLATE_LIMIT', `The template ${what}.`);
}
