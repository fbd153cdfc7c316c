import { expect, it } from 'vitest';
import { AnswerBody } from '../../../lib/http/answer-body.js';

function bodyOf(...chunks: Buffer[]): AnswerBody {
  const body = new AnswerBody();
  for (const chunk of chunks) body.add(chunk);
  return body;
}

it.each<[string, Buffer[], string, boolean]>([
  ['nothing', [], '', false],
  ['one chunk', [Buffer.from('a')], 'a', false],
  ['a character split between chunks', [Buffer.from([0xc3]), Buffer.from([0xa9])], 'é', false],
  ['NUL', [Buffer.from('a\0b\0')], 'ab', false],
  ['what is no UTF-8', [Buffer.from([0x61, 0xff, 0x62])], 'a\ufffdb', false],
  ['exactly what is kept', [Buffer.alloc(16_384, 'a')], 'a'.repeat(16_384), false],
  ['one byte more', [Buffer.alloc(16_384, 'a'), Buffer.from('b')], 'a'.repeat(16_384), true],
  ['a character at the cut', [Buffer.from(`${'a'.repeat(16_383)}é`)], 'a'.repeat(16_383), true],
])('keeps %s', (_, chunks, text, truncated) => {
  expect(bodyOf(...chunks).text(undefined)).toEqual({ body: text, truncated });
});

it('keeps no more than 16 KB of text, also where bytes grow', () => {
  const { body, truncated } = bodyOf(Buffer.alloc(16_384, 0xff)).text(undefined);
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(16_384);
  expect(truncated).toBe(true);
});

it('has read enough after 64 KB', () => {
  const body = new AnswerBody();
  expect(body.add(Buffer.alloc(65_536))).toBe(false);
  expect(body.add(Buffer.alloc(1))).toBe(true);
});

it('shows only what is not encoded', () => {
  expect(bodyOf(Buffer.from('x')).text('br')).toEqual({
    body: '[not shown: encoded as br]',
    truncated: true,
  });
  expect(bodyOf(Buffer.from('x')).text('Identity')).toEqual({ body: 'x', truncated: false });
});
