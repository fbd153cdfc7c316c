import { SignatureError } from '../signing/signature-error.js';
import { formatRequest } from './format-request.js';
import { parseReceiverArguments } from './parse-receiver-arguments.js';
import { startReceiver, type Receiver, type ReceiverOptions } from './receiver.js';
import { UsageError } from './usage-error.js';

const HELP = `Usage: nestjs-webhooks receiver [options]

Listens on localhost and prints every request it gets, to try webhooks on. It does nothing else with them.

  --port <number>   port to listen on (default 9000; 0 takes a free one)
  --secret <text>   check signatures with this secret, and say VALID or INVALID; may be given more than once
  --status <code>   status to answer with (default 200)
  --delay <ms>      milliseconds to wait before answering (default 0)
  --no-headers      leave headers out
  -h, --help        show this text`;

/**
 * Runs the receiver until it is told to stop (Ctrl+C).
 *
 * @throws UsageError
 */
export async function runReceiver(args: readonly string[]): Promise<void> {
  const { help, headers, ...options } = parseReceiverArguments(args);
  if (help) {
    console.log(HELP);
    return;
  }
  const receiver = await start({
    ...options,
    onRequest: (request) => console.log(formatRequest(request, { headers })),
  });
  console.log(`Listening on port ${receiver.url}. Stop with CONTROL-C.`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await receiver.close();
}

async function start(options: ReceiverOptions): Promise<Receiver> {
  try {
    return await startReceiver(options);
  } catch (error) {
    if (error instanceof SignatureError) throw new UsageError(`--secret: ${error.message}`, { cause: error });
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') {
      throw new UsageError(
        `Port ${options.port} is taken by another program. Stop that one, or choose another port with --port.`,
        { cause: error },
      );
    }
    if (code === 'EACCES') {
      throw new UsageError(`Port ${options.port} needs more rights. Choose one above 1023 with --port.`, {
        cause: error,
      });
    }
    throw error;
  }
}
