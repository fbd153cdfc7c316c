import { ValidationPipe, type Type } from '@nestjs/common';

/** Checks a change with the rules of the whole object: what is left out stays as it is. */
export function changesOf(dto: Type<unknown>): ValidationPipe {
  return new ValidationPipe({ expectedType: dto, skipUndefinedProperties: true, ...STRICT });
}

/** Fields that nobody declared are refused. */
export const STRICT = { whitelist: true, forbidNonWhitelisted: true } as const;
