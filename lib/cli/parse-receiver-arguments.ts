import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.js';

/** What `nestjs-webhooks receiver` was asked for. */
export interface ReceiverArguments {
  readonly help: boolean;
  readonly port: number;
  readonly secrets: readonly string[];
  readonly status: number;
  readonly delay: number;
  readonly headers: boolean;
}

const OPTIONS = {
  help: { type: 'boolean', short: 'h', default: false },
  port: { type: 'string', default: '9000' },
  secret: { type: 'string', multiple: true, default: [] as string[] },
  status: { type: 'string', default: '200' },
  delay: { type: 'string', default: '0' },
  'no-headers': { type: 'boolean', default: false },
} as const;

/** @throws UsageError */
export function parseReceiverArguments(args: readonly string[]): ReceiverArguments {
  const values = parse(args);
  return {
    help: values.help,
    port: whole('--port', values.port, 0, 65_535),
    secrets: values.secret,
    status: whole('--status', values.status, 200, 599),
    delay: whole('--delay', values.delay, 0, 3_600_000),
    headers: !values['no-headers'],
  };
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'] {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    // Node's own words, of which the first sentence is the plain one.
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split(/\.\s|\n/);
    throw new UsageError(`${reason.replace(/\.$/, '')}. See "nestjs-webhooks receiver --help".`, {
      cause: error,
    });
  }
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(
    `${name} is ${JSON.stringify(text)}, and must be a whole number from ${min} to ${max}.`,
  );
}
