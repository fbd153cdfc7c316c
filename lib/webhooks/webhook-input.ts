import {
  Allow,
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
  type ValidationOptions,
} from 'class-validator';
import { EVENTS, METHODS, type WebhookEventName, type WebhookMethod } from '../common/events.js';

const given = (property: string) =>
  ValidateIf((input: Record<string, unknown>) => input[property] !== undefined);
const givenAndNotNull = (property: string) =>
  ValidateIf((input: Record<string, unknown>) => input[property] !== undefined && input[property] !== null);
const each: ValidationOptions = { each: true };
/**
 * Something to be seen, and nothing that hides or turns round what stands beside it. The two joiners are part of words
 * and emoji; U+2800 is a blank that counts as a sign.
 */
const VISIBLE =
  /^(?=[^]*[^\s\p{Default_Ignorable_Code_Point}\u2800])(?:[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u2800]|[\u200C\u200D])*$/u;
const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
const TIMEOUT = { message: `timeout must be from 100 ms to an hour: 100 to ${HOUR}` };
const SCHEDULE = {
  message: `schedule must be 1 to 100 waits of at most a year: 0 to ${YEAR} milliseconds each`,
};
const RATE_LIMIT = {
  message: 'rateLimit must be a whole number from 1 to 1000000; leave it out for no limit',
};
const RATE_PERIOD = { message: `ratePeriod must be from 500 ms to a day: 500 to ${24 * HOUR}` };

/**
 * What an operator says of a webhook. On creation `name`, `models`, `events` and `url` are required and the rest has
 * defaults; on a change, what is left out stays.
 */
export class WebhookInput {
  /** Unique. */
  @IsString()
  @IsNotEmpty({ message: 'name must not be empty' })
  @Matches(VISIBLE, {
    message: 'name must be a text without control characters and signs that cannot be seen',
  })
  @MaxLength(100, { message: 'name must have at most 100 characters' })
  name!: string;

  /** @defaultValue `''` */
  @given('description')
  @IsString()
  @MaxLength(200, { message: 'description must have at most 200 characters' })
  description?: string;

  /** @defaultValue `true` */
  @given('enabled')
  @IsBoolean()
  enabled?: boolean;

  /** Models listened to. */
  @IsArray({ message: 'models must be a list of model names' })
  @ArrayMinSize(1, { message: 'models must name at least one model' })
  @ArrayMaxSize(1_000)
  @ArrayUnique({ message: 'models must not repeat a model' })
  @IsString(each)
  models!: string[];

  /** Events listened to. */
  @IsArray({ message: 'events must be a list of events' })
  @ArrayMinSize(1, { message: `events must name at least one of ${EVENTS.join(', ')}` })
  @ArrayUnique({ message: 'events must not repeat an event' })
  @IsIn(EVENTS, { each: true, message: `events may only name ${EVENTS.join(', ')}` })
  events!: WebhookEventName[];

  /** Template. */
  @IsString()
  @IsNotEmpty({ message: 'url must not be empty' })
  @MaxLength(4_096, { message: 'url must have at most 4096 characters' })
  url!: string;

  /** @defaultValue `'POST'` */
  @given('method')
  @IsIn(METHODS, { message: `method must be one of ${METHODS.join(', ')}` })
  method?: WebhookMethod;

  /** @defaultValue `'application/json'` */
  @given('contentType')
  @IsString()
  @IsNotEmpty({ message: 'contentType must not be empty' })
  @MaxLength(128, { message: 'contentType must have at most 128 characters' })
  contentType?: string;

  /** Template: `Name: value`, one a line. */
  @given('additionalHeaders')
  @IsString()
  @MaxLength(65_536, { message: 'additionalHeaders must have at most 65536 characters' })
  additionalHeaders?: string;

  /** Template; blank sends the default body. */
  @given('bodyTemplate')
  @IsString()
  @MaxLength(65_536, { message: 'bodyTemplate must have at most 65536 characters' })
  bodyTemplate?: string;

  /** An undefined variable is an error instead of empty text. @defaultValue `false` */
  @given('strictTemplates')
  @IsBoolean()
  strictTemplates?: boolean;

  /** JSON conditions; `null` matches always. */
  @Allow()
  conditions?: unknown;

  /**
   * `whsec_…`, or any text of at least 16 characters. Left out on creation, one is generated; `null` sends without
   * signature.
   */
  @givenAndNotNull('secret')
  @IsString()
  @MinLength(16, { message: 'secret must have at least 16 characters' })
  @MaxLength(255, { message: 'secret must have at most 255 characters' })
  secret?: string | null;

  /** Named secret values that templates read as `secrets.NAME`. */
  @Allow()
  variables?: Readonly<Record<string, string>> | null;

  /** @defaultValue `true` */
  @given('sslVerification')
  @IsBoolean()
  sslVerification?: boolean;

  /** PEM, instead of the system's authorities. */
  @givenAndNotNull('caCertificate')
  @IsString()
  @MaxLength(262_144)
  caCertificate?: string | null;

  /** Milliseconds for one attempt; `null` as the module says. */
  @givenAndNotNull('timeout')
  @IsInt(TIMEOUT)
  @Min(100, TIMEOUT)
  @Max(HOUR, TIMEOUT)
  timeout?: number | null;

  /** Milliseconds before each attempt; `null` as the module says. */
  @givenAndNotNull('schedule')
  @IsArray(SCHEDULE)
  @ArrayMinSize(1, SCHEDULE)
  @ArrayMaxSize(100, SCHEDULE)
  @IsInt({ ...each, ...SCHEDULE })
  @Min(0, { ...each, ...SCHEDULE })
  @Max(YEAR, { ...each, ...SCHEDULE })
  schedule?: number[] | null;

  /** Requests per `ratePeriod` over all workers; `null` sets no limit. */
  @givenAndNotNull('rateLimit')
  @IsInt(RATE_LIMIT)
  @Min(1, RATE_LIMIT)
  @Max(1_000_000, RATE_LIMIT)
  rateLimit?: number | null;

  /** Milliseconds. @defaultValue `1000` */
  @given('ratePeriod')
  @IsInt(RATE_PERIOD)
  @Min(500, RATE_PERIOD)
  @Max(24 * HOUR, RATE_PERIOD)
  ratePeriod?: number;

  /** Deliver the events of one object one after the other. @defaultValue `false` */
  @given('ordered')
  @IsBoolean()
  ordered?: boolean;
}
