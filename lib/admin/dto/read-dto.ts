import type { Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { AdminError, requestInvalid } from '../admin.error.js';

/**
 * Checks a query or body against its class. Handlers take them as plain objects, so that pipes of the application
 * neither refuse nor change them.
 *
 * @throws AdminError `WEBHOOKS_REQUEST_INVALID` that names every wrong field, `WEBHOOKS_REQUEST_MALFORMED`
 */
export function readDto<Dto extends object>(dto: Type<Dto>, given: unknown): Dto {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    if (given !== undefined && given !== null && given !== '') throw malformed();
  }
  const instance = plainToInstance(dto, { ...(given as object | undefined) });
  const errors = validateSync(instance, { whitelist: true, forbidNonWhitelisted: true });
  if (errors.length > 0) {
    throw requestInvalid(faultsOf(errors));
  }
  return said(instance);
}

/** What is wrong by field; a part of an object by its path, such as `filter.model`. */
function faultsOf(errors: readonly ValidationError[], path = ''): Record<string, string[]> {
  return Object.fromEntries(
    errors.flatMap(({ property, constraints, children = [] }) => [
      ...(constraints === undefined ? [] : [[path + property, Object.values(constraints)] as const]),
      ...Object.entries(faultsOf(children, `${path}${property}.`)),
    ]),
  );
}

/** What is said, also within: instances have all fields of their class. */
function said<Dto extends object>(dto: Dto): Dto {
  return Object.fromEntries(
    Object.entries(dto)
      .filter(([, value]) => value !== undefined && value !== '')
      .map(([name, value]: [string, unknown]) => [name, isDto(value) ? said(value) : value]),
  ) as Dto;
}

function isDto(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date)
    return false;
  return Object.getPrototypeOf(value) !== Object.prototype;
}

/** A body that must be an object. @throws AdminError `WEBHOOKS_REQUEST_MALFORMED` */
export function requireObject(given: unknown): Record<string, unknown> {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
    return given as Record<string, unknown>;
  }
  throw malformed();
}

function malformed(): AdminError {
  return new AdminError(
    400,
    'WEBHOOKS_REQUEST_MALFORMED',
    'The body must be a JSON object. Send one with the header content-type: application/json.',
  );
}
