import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsIP,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
} from 'class-validator';
import { SESSION_STATUS, type SessionStatus } from './session-status.js';

/** A session as a client sends it; related objects by their ids. Of a change, everything may be left out. */
export class SessionDto {
  @IsInt()
  autonomous_system!: number;

  @IsInt()
  ixp_connection!: number;

  @IsIP()
  ip_address!: string;

  @IsOptional()
  @IsString()
  @Length(0, 255)
  service_reference?: string | null;

  @IsOptional()
  @IsIn(Object.keys(SESSION_STATUS))
  status?: SessionStatus;

  @IsOptional()
  @IsString()
  @Length(1, 255)
  password?: string | null;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(255)
  multihop_ttl?: number;

  @IsOptional()
  @IsBoolean()
  is_route_server?: boolean;

  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  import_routing_policies?: string[];

  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  export_routing_policies?: string[];

  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  communities?: string[];

  @IsOptional()
  @IsObject()
  local_context_data?: object | null;

  @IsOptional()
  @IsString()
  comments?: string;

  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  tags?: string[];
}
