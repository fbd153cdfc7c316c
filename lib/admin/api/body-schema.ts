import type { Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage } from 'class-validator';

type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

/** The part of OpenAPI's schemas that bodies need. */
export interface BodySchema {
  readonly type?: string;
  readonly nullable?: true;
  readonly enum?: unknown[];
  readonly items?: BodySchema;
  readonly properties?: Record<string, BodySchema>;
  readonly required?: string[];
}

const TYPES: Readonly<Record<string, string>> = {
  isBoolean: 'boolean',
  isInt: 'integer',
  isObject: 'object',
  isString: 'string',
  isUuid: 'string',
  isDate: 'string',
};

/**
 * A class as its validation rules tell it.
 *
 * @param isPartial - whether everything may be left out
 */
export function bodySchema(dto: Type<object>, isPartial = false): BodySchema {
  const rules = new Map<string, Rule[]>();
  for (const rule of getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false)) {
    rules.set(rule.propertyName, [...(rules.get(rule.propertyName) ?? []), rule]);
  }
  const properties = [...rules].map(([name, own]) => [name, propertySchema(dto, name, own)] as const);
  const required = [...rules].flatMap(([name, own]) => (isPartial || allows(own, undefined) ? [] : [name]));
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
  };
}

function propertySchema(dto: Type<object>, name: string, rules: readonly Rule[]): BodySchema {
  const nullable = allows(rules, null) ? { nullable: true as const } : {};
  if (rules.some(({ type }) => type === 'nestedValidation')) {
    // Only class-transformer knows the class, and tells it by making one.
    const { [name]: inner } = plainToInstance(dto, { [name]: {} }) as Record<string, object>;
    return { ...bodySchema(inner?.constructor as Type<object>), ...nullable };
  }
  const items = rules.filter(({ each }) => each);
  if (items.length > 0) return { type: 'array', items: valueSchema(items), ...nullable };
  return { ...valueSchema(rules), ...nullable };
}

function valueSchema(rules: readonly Rule[]): BodySchema {
  const values = rules.find(({ name }) => name === 'isIn')?.constraints?.[0] as unknown[] | undefined;
  if (values !== undefined) return { type: typeof values[0], enum: values };
  const type = rules.map(({ name }) => TYPES[name ?? '']).find((known) => known !== undefined);
  return type === undefined ? {} : { type };
}

/** Whether a property may be nothing: its rules are not asked, or it has none. */
function allows(rules: readonly Rule[], nothing: null | undefined): boolean {
  const conditions = rules.filter(({ type }) => type === 'conditionalValidation');
  if (rules.every(({ type }) => type === 'whitelistValidation')) return true;
  return conditions.some(({ propertyName, constraints }) => {
    const [isChecked] = constraints as [(object: object, value: unknown) => boolean];
    return !isChecked({ [propertyName]: nothing }, nothing);
  });
}
