import { createRequire } from 'node:module';
import type { Type } from '@nestjs/common';
import { bodySchema } from './body-schema.js';
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
      apply(swagger.ApiBody({ schema: bodySchema(described.body, described.isPartial) }));
    }
    if (described.query !== undefined) {
      for (const field of Object.keys(bodySchema(described.query).properties ?? {})) {
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
