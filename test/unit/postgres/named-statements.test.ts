import { describe, expect, it } from 'vitest';
import { NamedStatements } from '../../../lib/postgres/named-statements.js';
import type { PgClient } from '../../../lib/postgres/pg-client.js';

const client = (processID: number): PgClient => ({ query: () => undefined, processID });

describe('the names of statements', () => {
  const warnings: string[] = [];
  const create = (isOn = true) => new NamedStatements(isOn, { warn: (text: string) => warnings.push(text) });
  const direct = (statements: NamedStatements, processID = 7) => {
    const connected = client(processID);
    statements.answered(connected, String(processID));
    return connected;
  };
  const secondName = (statements: NamedStatements, on: PgClient, text: string) => {
    statements.nameOf(on, text);
    return statements.nameOf(on, text);
  };

  it('are given from the second time on, the same for the same text', () => {
    const statements = create();
    const [one, other] = [direct(statements), direct(statements, 8)];
    expect(statements.nameOf(one, 'SELECT 1')).toBeUndefined();
    const name = statements.nameOf(one, 'SELECT 1');
    expect(name).toMatch(/^webhooks_[0-9a-f]{24}_0$/);
    expect(statements.nameOf(other, 'SELECT 1')).toBe(name);
    expect(secondName(create(), one, 'SELECT 1')).toBeUndefined();
    expect(secondName(statements, one, 'SELECT 2')).not.toBe(name);
  });

  it.each([
    ['another process', '8'],
    ['none', undefined],
    ['nothing that it knows', null],
  ])('are given to no connection that has answered %s', (_, answer) => {
    const statements = create();
    const connected = client(7);
    expect(statements.asks(connected)).toBe(true);
    statements.answered(connected, answer);
    expect(statements.asks(connected)).toBe(false);
    expect(secondName(statements, connected, 'SELECT 1')).toBeUndefined();
  });

  it('are given to none when they are turned off, and nothing is asked', () => {
    const statements = create(false);
    expect(statements.asks(client(7))).toBe(false);
    expect(secondName(statements, direct(statements), 'SELECT 1')).toBeUndefined();
  });

  it('are a hundred a connection at most', () => {
    const statements = create();
    const connected = direct(statements);
    const texts = Array.from({ length: 150 }, (_, index) => `SELECT ${index}`);
    const names = texts.map((text) => secondName(statements, connected, text));
    expect(names.filter((name) => name !== undefined)).toHaveLength(100);
    expect(statements.nameOf(connected, 'SELECT 0')).toBe(names[0]);
  });

  it.each([
    ['of an unknown name', { code: '26000' }, undefined, 1],
    ['of a name in use', { code: '42P05' }, undefined, 1],
    [
      'of other columns',
      { code: '0A000', routine: 'RevalidateCachedQuery' },
      expect.stringMatching(/_1$/),
      0,
    ],
    ['of another thing that it cannot do', { code: '0A000' }, expect.stringMatching(/_0$/), 0],
    ['of a constraint', { code: '23505' }, expect.stringMatching(/_0$/), 0],
  ])('are then, when the server has complained %s, as they should be', (_, error, name, warned) => {
    const statements = create();
    const connected = direct(statements);
    secondName(statements, connected, 'SELECT 1');
    warnings.length = 0;
    statements.refused(error);
    expect(secondName(statements, connected, 'SELECT 1')).toEqual(name);
    expect(warnings).toHaveLength(warned);
  });

  it('are given up with one word in the log, whatever follows', () => {
    const statements = create();
    warnings.length = 0;
    for (const code of ['26000', '26000', '42P05']) statements.refused({ code });
    expect(warnings).toEqual([expect.stringContaining('Set `capture.preparedStatements` to false')]);
  });
});
