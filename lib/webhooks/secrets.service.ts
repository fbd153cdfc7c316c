import { Inject, Injectable } from '@nestjs/common';
import type { DataSource, QueryDeepPartialEntity } from 'typeorm';
import { NOW, requireDialect } from '../model/dialect.js';
import { Webhook } from '../model/webhook.entity.js';
import { WEBHOOKS_DATA_SOURCE } from '../options/tokens.js';
import { WebhookRegistry } from '../registry/webhook-registry.js';
import { ENCRYPTED_COLUMNS } from '../secrets/encrypted-secrets.js';
import { SecretStore, type SecretField } from '../secrets/secret-store.js';
import { rememberSecrets } from '../secrets/secret-values.js';
import { SecretsError } from '../secrets/secrets-error.js';
import { checkSecret } from '../signing/check-secret.js';
import { generateSecret } from '../signing/generate-secret.js';
import { toStandardSecret } from '../signing/standard-secret.js';
import { changeWebhook } from './change-webhook.js';
import { WebhookInvalidError } from './webhook-invalid.error.js';

/** How a secret is replaced. */
export interface RotateOptions {
  /** The new secret; generated unless given. */
  readonly secret?: string;
  /**
   * Milliseconds for which both secrets sign. Standard Webhooks carries both signatures then; `X-Hook-Signature` has
   * room for one and uses the old secret until the overlap ends. 30 days at most.
   *
   * @defaultValue 24 hours
   */
  readonly overlap?: number;
}

/** A secret just made; it is shown here and never again. */
export interface RotatedSecret {
  readonly secret: string;
  /** In the form that Standard Webhooks verifiers take. */
  readonly standardSecret: string;
}

const DAY = 24 * 60 * 60 * 1_000;
const MAX_OVERLAP = 30 * DAY;

/** Replaces the secrets that sign. */
@Injectable()
export class WebhookSecretsService {
  constructor(
    @Inject(WEBHOOKS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly registry: WebhookRegistry,
    private readonly secrets: SecretStore,
  ) {}

  /**
   * Gives a webhook a new secret; the old one goes on signing for the overlap. While one runs already, the secret that
   * receivers had before it does so until its end, and the one in between, which may have been seen by nobody, stops.
   *
   * @throws NotFoundError, WebhookInvalidError
   */
  async rotate(
    id: string,
    { secret = generateSecret(), overlap = DAY }: RotateOptions = {},
  ): Promise<RotatedSecret> {
    const problem = checkSecret(secret);
    if (problem !== null) throw new WebhookInvalidError({ secret: [`secret: ${problem}`] });
    if (!Number.isSafeInteger(overlap) || overlap < 0 || overlap > MAX_OVERLAP) {
      throw new WebhookInvalidError({
        overlap: [`overlap must be a whole number of milliseconds up to ${MAX_OVERLAP}`],
      });
    }
    await this.change(id, (webhook) => ({
      oldSecrets: rememberSecrets(this.secrets, webhook),
      secret: this.secrets.encrypt(id, 'secret', secret),
      ...this.previousOf(webhook, overlap),
    }));
    return { secret, standardSecret: toStandardSecret(secret) };
  }

  /** Lets only the new secret sign from now on. @throws NotFoundError */
  async endOverlap(id: string): Promise<void> {
    await this.change(id, () => ({ previousSecret: null, previousSecretUntil: null }));
  }

  /**
   * Checks that every stored secret can be read, so that a missing key is found when the application starts and not
   * when something is to be sent.
   *
   * @throws SecretsError `WEBHOOKS_KEY_MISSING`, `WEBHOOKS_KEY_UNKNOWN`
   * @internal
   */
  async checkKeys(): Promise<void> {
    const webhooks = await this.dataSource.getRepository(Webhook).find({ select: { id: true, ...SELECTED } });
    for (const webhook of webhooks) {
      for (const [column, field] of ENCRYPTED_COLUMNS) {
        const encrypted = webhook[column];
        if (encrypted !== null) this.checkKey(webhook.id, field, encrypted);
      }
    }
  }

  private previousOf(
    { id, secret, previousSecret, previousSecretUntil }: Webhook,
    overlap: number,
  ): QueryDeepPartialEntity<Webhook> {
    if (overlap === 0 || secret === null) return { previousSecret: null, previousSecretUntil: null };
    if (previousSecret !== null && (previousSecretUntil?.getTime() ?? 0) > Date.now()) return {};
    return {
      previousSecret: this.encryptAnew(id, secret),
      previousSecretUntil: () => `${this.now()} + ${overlap}`,
    };
  }

  /** A copy under an older key would escape whoever encrypts anew what rows hold. What cannot be read stays as it is. */
  private encryptAnew(id: string, encrypted: string): string {
    try {
      return this.secrets.encrypt(id, 'secret', this.secrets.decrypt(id, 'secret', encrypted));
    } catch (error) {
      if (error instanceof SecretsError && error.code === 'WEBHOOKS_SECRET_UNREADABLE') return encrypted;
      throw error;
    }
  }

  /** One row that was damaged concerns its webhook alone; a key that is not there concerns all. */
  private checkKey(id: string, field: SecretField, encrypted: string): void {
    try {
      this.secrets.decrypt(id, field, encrypted);
    } catch (error) {
      if (!(error instanceof SecretsError) || error.code !== 'WEBHOOKS_SECRET_UNREADABLE') throw error;
    }
  }

  private async change(
    id: string,
    change: (webhook: Webhook) => QueryDeepPartialEntity<Webhook>,
  ): Promise<void> {
    await changeWebhook(this.dataSource, id, change);
    await this.registry.refresh();
  }

  private now(): string {
    return NOW[requireDialect(this.dataSource)];
  }
}

const SELECTED = { secret: true, previousSecret: true, variables: true, oldSecrets: true } as const;
