import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Another process that answers messages. */
export interface Child {
  readonly process: ChildProcess;
  /** Sends a message and gives the next answer. */
  ask<Answer>(message: string | object): Promise<Answer>;
  stop(): Promise<void>;
}

/**
 * As docs/02-how-it-works.md asks of a worker. Without a limit V8 lets garbage grow with the memory of the machine, and says
 * nothing of what a worker needs.
 */
const HEAP_LIMIT = '--max-old-space-size=256';

/** Starts a compiled program of this folder, by its path, and gives its first message with it. */
export async function startChild(
  name: string,
  options: object = {},
): Promise<Child & { readonly first: unknown }> {
  const program = fileURLToPath(new URL(`${name}.js`, import.meta.url));
  const child = fork(program, [JSON.stringify(options)], { execArgv: [HEAP_LIMIT, ...profiling()] });
  const next = async <Answer>(): Promise<Answer> => {
    const [message] = (await once(child, 'message')) as [Answer];
    return message;
  };
  const first = await next<unknown>();
  return {
    process: child,
    first,
    ask: (message) => {
      const answer = next<never>();
      child.send(message);
      return answer;
    },
    stop: async () => {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}

/** `BENCH_PROFILE=folder` writes a CPU profile of each process into it. */
function profiling(): string[] {
  const folder = process.env['BENCH_PROFILE'];
  return folder === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', folder];
}
