import { isIP } from 'node:net';
import { isLoopbackName } from '../http/host-name.js';
import type { AttemptResult } from './attempt-result.js';

const MAX_NAMES = 10_000;

/** Tells a name that no resolver answers for from a resolver that answers for none. */
export class ResolverWatch {
  /** Names without an answer, with the answers there had been before. */
  private readonly unanswered = new Map<string, number>();
  private answers = 0;

  /**
   * Takes note of an attempt.
   *
   * @returns whether it failed because this name alone gets no answer: others got one since it first got none
   */
  report(host: string, { errorClass, failure, statusCode, timings }: AttemptResult): boolean {
    // Nobody is asked for these.
    if (isIP(host) !== 0 || isLoopbackName(host)) return false;
    // That there is no such name is an answer.
    const isUnanswered = failure === 'ours' && (errorClass === 'dns' || errorClass === 'timeout');
    if (!isUnanswered) {
      const isAnswer = timings?.['dns'] !== undefined || errorClass === 'dns';
      if (isAnswer) this.answers += 1;
      if (isAnswer || statusCode !== null) this.unanswered.delete(host);
      return false;
    }
    const before = this.unanswered.get(host);
    if (before !== undefined) return this.answers > before;
    if (this.unanswered.size >= MAX_NAMES) this.unanswered.clear();
    this.unanswered.set(host, this.answers);
    return false;
  }
}
