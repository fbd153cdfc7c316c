/** Says what is wrong with a value, or `undefined` when nothing is. */
export type OptionRule = (value: unknown) => string | undefined;

/** Rules of one group of options by name; a nested group has rules of its own. */
export interface OptionRules {
  readonly [option: string]: OptionRule | OptionRules;
}

export const isBoolean: OptionRule = (value) =>
  typeof value === 'boolean' ? undefined : 'must be true or false';

export const isFunction: OptionRule = (value) =>
  typeof value === 'function' ? undefined : 'must be a function';

export const isText: OptionRule = (value) =>
  typeof value === 'string' && value.trim() !== '' ? undefined : 'must be a text that is not empty';

/** Says nothing of the value, which may hold a password. */
export const isProxyUrl: OptionRule = (value) => {
  const problem = 'must be an http: or https: URL such as http://user:password@proxy.example:3128';
  if (typeof value !== 'string' || !URL.canParse(value)) return problem;
  const { protocol, pathname, search, hash, username, password } = new URL(value);
  const isBare = pathname === '/' && search === '' && hash === '' && isDecodable(`${username}:${password}`);
  return isBare && (protocol === 'http:' || protocol === 'https:') ? undefined : problem;
};

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

export const isFalse: OptionRule = (value) => (value === false ? undefined : 'must be false');

export function isOneOf(...values: readonly string[]): OptionRule {
  return (value) =>
    typeof value === 'string' && values.includes(value)
      ? undefined
      : `must be ${values.map((each) => `'${each}'`).join(' or ')}`;
}

export function isInteger(min: number, max = Number.MAX_SAFE_INTEGER): OptionRule {
  return (value) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `must be a whole number from ${min}${max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`}`;
}

export function isNumber(min: number, max: number): OptionRule {
  return (value) =>
    typeof value === 'number' && value >= min && value <= max
      ? undefined
      : `must be a number from ${min} to ${max}`;
}

export function isListOf(rule: OptionRule, minimum = 0): OptionRule {
  return (value) => {
    if (!Array.isArray(value)) return 'must be a list';
    if (value.length < minimum) return `must have at least ${minimum} ${minimum === 1 ? 'entry' : 'entries'}`;
    const index = value.findIndex((entry) => rule(entry) !== undefined);
    return index === -1 ? undefined : `has a wrong entry at [${index}], which ${rule(value[index]) ?? ''}`;
  };
}

export function either(first: OptionRule, second: OptionRule): OptionRule {
  return (value) => {
    const problem = first(value);
    if (problem === undefined) return undefined;
    const other = second(value);
    return other === undefined ? undefined : `${problem}, or ${other.replace(/^must /, '')}`;
  };
}

/**
 * Checks a group of options and lists every fault with the option's full name. An option that is given but
 * `undefined` is a fault: it is an environment variable that is not set more often than a default that is wanted.
 */
export function findOptionFaults(options: unknown, rules: OptionRules, path = ''): string[] {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return [`${path.slice(0, -1) || 'The options'} must be an object`];
  }
  return Object.entries(options).flatMap(([name, value]: [string, unknown]) => {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined)
      return [`${path}${name} is not an option; there are ${Object.keys(rules).join(', ')}`];
    if (value === undefined) return [`${path}${name} is undefined; leave it out to get its default`];
    if (typeof rule !== 'function') return findOptionFaults(value, rule, `${path}${name}.`);
    const problem = rule(value);
    return problem === undefined ? [] : [`${path}${name} ${problem}`];
  });
}
