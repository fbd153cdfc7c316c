import { ValidateIf } from 'class-validator';

/** What may be left out, but not be `null`: a filter that selects by nothing would select anything, or nothing. */
export const Given = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);
