import { describe, expect, it } from 'vitest';
import { namesOneRow } from '../../../lib/capture/key-condition.js';

const ID = ['"id"'];
const PAIR = ['"left"', '"right"'];

describe('the condition of an UPDATE', () => {
  it.each([
    [' WHERE "id" = :orm_param_0', ID],
    [' WHERE ("id" = :orm_param_0)', ID],
    [' WHERE "id" = :id AND "version" = :version', ID],
    [' WHERE ("id" = :orm_param_0 AND "version" = :orm_param_1)', ID],
    [' WHERE ("left" = :orm_param_0 AND "right" = :orm_param_1)', PAIR],
    [' WHERE "right" = :r AND "left" = :l', PAIR],
    [' WHERE "a ""b""" = :id', ['"a ""b"""']],
  ])('%s names one row', (where, names) => {
    expect(namesOneRow(where, names)).toBe(true);
  });

  it.each([
    ['', ID],
    [' WHERE "name" = :name', ID],
    [' WHERE "left" = :left', PAIR],
    [' WHERE "id" IN (:orm_param_0, :orm_param_1)', ID],
    [' WHERE "id" IN (:...ids)', ID],
    [' WHERE "id" = :id OR "name" = :name', ID],
    [' WHERE ("id" = :id) OR ("id" = :other)', ID],
    [' WHERE "id" = :id AND ("name" = :name OR "name" IS NULL)', ID],
    [' WHERE "id" = :id AND NOT "name" = :name', ID],
    [' WHERE NOT("id" = :id)', ID],
    [' WHERE "id" > :id', ID],
    [' WHERE "id" = :id + 1', ID],
    [' WHERE "id" = "id"', ID],
    [' WHERE asset.id = :id', ID],
    [' WHERE "x" = :x -- "id" = :id', ID],
  ])('%s may name several, or is not known to name one', (where, names) => {
    expect(namesOneRow(where, names)).toBe(false);
  });
});
