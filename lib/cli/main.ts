#!/usr/bin/env node
import { runReceiver } from './run-receiver.js';
import { runReencrypt } from './run-reencrypt.js';
import { UsageError } from './usage-error.js';

const HELP = `Usage: nestjs-webhooks <command> [options]

  receiver   print the requests that webhooks send, to try them on
  reencrypt  encrypt stored secrets with a new key

See "nestjs-webhooks <command> --help" for the options of a command.`;

try {
  const [command, ...args] = process.argv.slice(2);
  if (command === 'receiver') await runReceiver(args);
  else if (command === 'reencrypt') await runReencrypt(args);
  else if (command === '--help' || command === '-h') console.log(HELP);
  else if (command === undefined) throw new UsageError(HELP);
  else throw new UsageError(`There is no command ${JSON.stringify(command)}. See "nestjs-webhooks --help".`);
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = 1;
}
