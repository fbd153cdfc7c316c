import { describe, expect, it } from 'vitest';
import { judgeResult } from '../../../lib/delivery/attempt-result.js';
import type { SendErrorClass } from '../../../lib/http/send-result.js';

const WAIT = 7_000;

describe('an answer', () => {
  it.each([
    // status, whose failure, milliseconds of a Retry-After that are obeyed, what it says of the endpoint
    [200, null, 0, null],
    [201, null, 0, null],
    [204, null, 0, null],
    [299, null, 0, null],
    [300, 'receiver', 0, null],
    [301, 'receiver', 0, null],
    [304, 'receiver', 0, null],
    [307, 'receiver', 0, null],
    [400, 'receiver', 0, null],
    [401, 'receiver', 0, null],
    [404, 'receiver', 0, null],
    [408, 'receiver', 0, null],
    [410, 'receiver', 0, 'gone'],
    [425, 'receiver', 0, null],
    [429, 'receiver', WAIT, 'overloaded'],
    [500, 'receiver', 0, null],
    [501, 'receiver', 0, null],
    [502, 'receiver', 0, 'overloaded'],
    [503, 'receiver', WAIT, null],
    [504, 'receiver', 0, 'overloaded'],
    [599, 'receiver', 0, null],
  ] as const)('%i', (statusCode, failure, retryAfter, endpoint) => {
    const judged = judgeResult({
      ok: true,
      statusCode,
      headers: { 'retry-after': String(WAIT / 1_000) },
      body: '',
      truncated: false,
      remoteAddress: '192.0.2.1',
      timings: { total: 1 },
    });
    expect(judged).toMatchObject({ failure, statusCode, retryAfter, endpoint });
    expect(judged.errorClass).toBe(failure === null ? null : 'http');
  });
});

describe('no answer', () => {
  it.each([
    ['dns', false, 'receiver'],
    ['dns', true, 'ours'],
    ['connect', false, 'receiver'],
    ['connect', true, 'ours'],
    ['proxy', true, 'ours'],
    ['tls', false, 'receiver'],
    ['timeout', false, 'receiver'],
    ['protocol', false, 'receiver'],
    ['aborted', true, 'ours'],
    ['blocked', false, 'definition'],
    ['invalid', false, 'definition'],
  ] as const)('%s, ours: %s', (errorClass: SendErrorClass, ours, failure) => {
    const judged = judgeResult({
      ok: false,
      errorClass,
      message: 'what happened',
      ours,
      statusCode: null,
      remoteAddress: null,
      timings: { total: 1 },
    });
    expect(judged).toMatchObject({
      failure,
      errorClass,
      error: 'what happened',
      retryAfter: 0,
      endpoint: null,
    });
  });
});
