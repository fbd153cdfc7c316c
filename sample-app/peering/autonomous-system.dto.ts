import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';

/** An autonomous system as a client sends it. */
export class AutonomousSystemDto {
  @IsInt()
  @Min(1)
  @Max(4_294_967_295)
  asn!: number;

  @IsString()
  @Length(1, 128)
  name!: string;

  @IsOptional()
  @IsInt()
  @Min(0)
  ipv6_max_prefixes?: number;

  @IsOptional()
  @IsInt()
  @Min(0)
  ipv4_max_prefixes?: number;
}
