import type { Type } from '@nestjs/common';

/** What an OpenAPI document says of a route. */
export interface RouteDescription {
  readonly summary: string;
  /** Class of the query. */
  readonly query?: Type<object>;
  /** Class of the body. */
  readonly body?: Type<object>;
  /** Whether everything of the body may be left out. @defaultValue `false` */
  readonly isPartial?: boolean;
  /** The answer in words. */
  readonly answer: string;
}

const DESCRIPTION = 'nestjs-webhooks:route-description';

/** Describes a route for OpenAPI documents. */
export function Described(description: RouteDescription): MethodDecorator {
  return (_prototype, _name, descriptor) => {
    Reflect.defineMetadata(DESCRIPTION, description, descriptor.value as object);
  };
}

/** What {@link Described} said. */
export function descriptionOf(handler: object): RouteDescription | undefined {
  return Reflect.getMetadata(DESCRIPTION, handler) as RouteDescription | undefined;
}
