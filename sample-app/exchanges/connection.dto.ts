import { IsInt, IsMACAddress, IsOptional, Matches } from 'class-validator';

/** A connection as a client sends it; related objects by their ids. */
export class ConnectionDto {
  @IsInt()
  internet_exchange!: number;

  @IsOptional()
  @IsMACAddress()
  mac_address?: string | null;

  @IsOptional()
  @Matches(/^[\da-f:.]{2,39}\/\d{1,3}$/i, {
    message: 'ipv6_address must be an IPv6 address with its prefix length',
  })
  ipv6_address?: string | null;

  @IsOptional()
  @Matches(/^[\d.]{7,15}\/\d{1,2}$/, {
    message: 'ipv4_address must be an IPv4 address with its prefix length',
  })
  ipv4_address?: string | null;
}
