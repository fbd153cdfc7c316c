import { IsString, Length, Matches } from 'class-validator';

/** An internet exchange as a client sends it. */
export class InternetExchangeDto {
  @IsString()
  @Length(1, 100)
  name!: string;

  @Matches(/^[a-z0-9-]{1,100}$/, { message: 'slug may hold small letters, digits and hyphens' })
  slug!: string;
}
