import { EVENTS } from '../common/events.js';
import { DELIVERY_STATUSES } from '../model/webhook-delivery.entity.js';
import { either, isListOf, isOneOf, type OptionRule } from '../options/option-rules.js';
import type { DeliveryFilter } from './delivery-filter.js';
import { FilterInvalidError } from './filter-invalid.error.js';

const isString: OptionRule = (value) => (typeof value === 'string' ? undefined : 'must be a text');
const isTime: OptionRule = (value) =>
  value instanceof Date && !Number.isNaN(value.getTime()) ? undefined : 'must be a valid Date';
const isStatus = isOneOf(...DELIVERY_STATUSES);

const RULES: Readonly<Record<keyof DeliveryFilter, OptionRule>> = {
  ids: isListOf(isString),
  webhookId: isString,
  model: isString,
  event: isOneOf(...EVENTS),
  objectId: isString,
  status: either(isStatus, isListOf(isStatus)),
  since: isTime,
  until: isTime,
  requestId: isString,
  username: isString,
};

/**
 * Checks a filter that an action on many is given. What is left out selects everything, so that a name that is misspelt
 * or a value that is not there would change what nobody meant.
 *
 * @throws FilterInvalidError
 */
export function checkFilter(filter: DeliveryFilter): void {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter))
    throw new FilterInvalidError(['it must be an object; {} selects everything']);
  const faults = Object.entries(filter).flatMap(([name, value]: [string, unknown]) => {
    if (!isPart(name)) return [`${name} is unknown; there are ${Object.keys(RULES).join(', ')}`];
    if (value === undefined) return [`${name} is undefined; leave it out to select whatever it is`];
    const problem = RULES[name](value);
    return problem === undefined ? [] : [`${name} ${problem}`];
  });
  if (faults.length > 0) throw new FilterInvalidError(faults);
}

function isPart(name: string): name is keyof DeliveryFilter {
  return Object.hasOwn(RULES, name);
}
