import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tables of the sample itself. */
export class CreatePeeringTables1795219200001 implements MigrationInterface {
  name = 'CreatePeeringTables1795219200001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "autonomous_system" (
        "id" SERIAL CONSTRAINT "PK_autonomous_system" PRIMARY KEY,
        "asn" bigint NOT NULL CONSTRAINT "UQ_autonomous_system_asn" UNIQUE,
        "name" varchar(128) NOT NULL,
        "ipv6MaxPrefixes" integer NOT NULL DEFAULT 0,
        "ipv4MaxPrefixes" integer NOT NULL DEFAULT 0
      )`);
    await queryRunner.query(`
      CREATE TABLE "internet_exchange" (
        "id" SERIAL CONSTRAINT "PK_internet_exchange" PRIMARY KEY,
        "name" varchar(100) NOT NULL,
        "slug" varchar(100) NOT NULL CONSTRAINT "UQ_internet_exchange_slug" UNIQUE
      )`);
    await queryRunner.query(`
      CREATE TABLE "connection" (
        "id" SERIAL CONSTRAINT "PK_connection" PRIMARY KEY,
        "internetExchangeId" integer NOT NULL
          CONSTRAINT "FK_connection_internet_exchange" REFERENCES "internet_exchange" ("id"),
        "macAddress" varchar(17),
        "ipv6Address" varchar(43),
        "ipv4Address" varchar(18)
      )`);
    await queryRunner.query(`
      CREATE TABLE "internet_exchange_peering_session" (
        "id" SERIAL CONSTRAINT "PK_internet_exchange_peering_session" PRIMARY KEY,
        "serviceReference" varchar(255),
        "autonomousSystemId" integer NOT NULL
          CONSTRAINT "FK_session_autonomous_system" REFERENCES "autonomous_system" ("id"),
        "ixpConnectionId" integer NOT NULL
          CONSTRAINT "FK_session_connection" REFERENCES "connection" ("id"),
        "ipAddress" varchar(39) NOT NULL,
        "status" varchar(20) NOT NULL DEFAULT 'requested',
        "password" varchar(255),
        "encryptedPassword" varchar(255),
        "multihopTtl" integer NOT NULL DEFAULT 1,
        "isRouteServer" boolean NOT NULL DEFAULT false,
        "importRoutingPolicies" text NOT NULL,
        "exportRoutingPolicies" text NOT NULL,
        "communities" text NOT NULL,
        "localContextData" text,
        "existsInPeeringdb" boolean NOT NULL DEFAULT false,
        "isAbandoned" boolean NOT NULL DEFAULT false,
        "bgpState" varchar(20),
        "receivedPrefixCount" integer NOT NULL DEFAULT 0,
        "advertisedPrefixCount" integer NOT NULL DEFAULT 0,
        "lastEstablishedState" timestamptz,
        "comments" text NOT NULL DEFAULT '',
        "tags" text NOT NULL,
        "created" timestamptz NOT NULL DEFAULT now(),
        "updated" timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const tables = [
      'internet_exchange_peering_session',
      'connection',
      'internet_exchange',
      'autonomous_system',
    ];
    for (const table of tables) await queryRunner.query(`DROP TABLE "${table}"`);
  }
}
