import { createRequire } from 'node:module';
import type { Type } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import { descriptionOf } from './described.js';

type Swagger = typeof import('@nestjs/swagger');

/** Puts the API of a mounted controller into the application's OpenAPI document, if it has `@nestjs/swagger`. */
export function describeController(mounted: Type, base: abstract new (...parts: never[]) => object): void {
  const swagger = loadSwagger();
  if (swagger === undefined) return;
  swagger.ApiTags('webhooks')(mounted);
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(base.prototype as object))) {
    const described =
      typeof property.value === 'function' ? descriptionOf(property.value as object) : undefined;
    if (described === undefined) continue;
    const apply = (decorator: MethodDecorator) => decorator(base.prototype as object, name, property);
    apply(swagger.ApiOperation({ summary: described.summary }));
    apply(
      swagger.ApiDefaultResponse({
        description: `${described.answer}. Errors: { statusCode, code, message, fields? }.`,
      }),
    );
    if (described.body !== undefined) {
      apply(swagger.ApiBody({ schema: { type: 'object', properties: propertiesOf(described.body) } }));
    }
    if (described.query !== undefined) {
      for (const field of Object.keys(propertiesOf(described.query))) {
        apply(swagger.ApiQuery({ name: field, required: false, type: String }));
      }
    }
  }
}

/** Keeps a mounted controller, such as a page, out of OpenAPI documents. */
export function hideController(mounted: Type): void {
  loadSwagger()?.ApiExcludeController()(mounted);
}

/** The application's own copy, and only if it has one: an import would have to wait, and decorators cannot. */
function loadSwagger(): Swagger | undefined {
  try {
    return createRequire(import.meta.url)('@nestjs/swagger') as Swagger;
  } catch {
    return undefined;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  isBoolean: 'boolean',
  isInt: 'integer',
  isArray: 'array',
  isObject: 'object',
  isString: 'string',
  isUuid: 'string',
  isDate: 'string',
};

/** The properties of a class as its validation rules tell them. */
function propertiesOf(dto: Type<object>): Record<string, object> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  const properties: Record<string, { type?: string }> = {};
  for (const { propertyName, name, constraints } of rules) {
    const known = properties[propertyName];
    const type = TYPES[name ?? ''];
    const values =
      name === 'isIn' && Array.isArray(constraints?.[0]) ? { enum: constraints[0] as unknown[] } : {};
    properties[propertyName] = {
      ...known,
      ...(known?.type === undefined && type !== undefined ? { type } : {}),
      ...(type === 'array' ? { items: { type: 'string' } } : values),
    };
  }
  return properties;
}
