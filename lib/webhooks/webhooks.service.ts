import { Inject, Injectable } from '@nestjs/common';
import type { DataSource, QueryDeepPartialEntity } from 'typeorm';
import { newId } from '../common/new-id.js';
import { WebhooksError } from '../common/webhooks-error.js';
import { cancelOfDeleted } from '../delivery/cancel-deliveries.js';
import { DeliveryFeeder } from '../delivery/delivery.feeder.js';
import { holdDeliveries, releaseDeliveries } from '../delivery/hold-deliveries.js';
import { nextSlotUnder } from '../delivery/take-rate-slots.js';
import { NetworkPolicy } from '../http/network-policy.js';
import { NOW, requireDialect } from '../model/dialect.js';
import { Webhook } from '../model/webhook.entity.js';
import type { ResolvedWebhooksOptions } from '../options/resolve-options.js';
import { WEBHOOKS_DATA_SOURCE } from '../options/tokens.js';
import { WEBHOOKS_OPTIONS } from '../options/webhooks.module-definition.js';
import { WebhookRegistry } from '../registry/webhook-registry.js';
import { SecretStore } from '../secrets/secret-store.js';
import { rememberSecrets } from '../secrets/secret-values.js';
import { SecretsError } from '../secrets/secrets-error.js';
import { generateSecret } from '../signing/generate-secret.js';
import { toStandardSecret } from '../signing/standard-secret.js';
import { trackedModels } from '../tracking/tracked-models.js';
import { changeWebhook, findWebhook } from './change-webhook.js';
import { checkWebhook } from './check-webhook.js';
import type { WebhookInput } from './webhook-input.js';
import { WebhookInvalidError } from './webhook-invalid.error.js';
import { viewWebhook, type SavedWebhook, type WebhookView } from './webhook-view.js';

/** Definition of a webhook of which nothing else is said. */
export const DEFAULTS = {
  description: '',
  enabled: true,
  method: 'POST',
  contentType: 'application/json',
  additionalHeaders: '',
  bodyTemplate: '',
  strictTemplates: false,
  conditions: null,
  sslVerification: true,
  caCertificate: null,
  timeout: null,
  schedule: null,
  rateLimit: null,
  ratePeriod: 1_000,
  ordered: false,
} as const satisfies Partial<WebhookInput>;

type Definition = Required<Omit<WebhookInput, 'secret' | 'variables'>>;

/** Creates, changes and looks up webhooks. */
@Injectable()
export class WebhooksService {
  constructor(
    @Inject(WEBHOOKS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly registry: WebhookRegistry,
    private readonly secrets: SecretStore,
    private readonly network: NetworkPolicy,
    private readonly feeder: DeliveryFeeder,
    @Inject(WEBHOOKS_OPTIONS) private readonly options: ResolvedWebhooksOptions,
  ) {}

  /** All webhooks by name. */
  async list(): Promise<WebhookView[]> {
    const webhooks = await this.dataSource.getRepository(Webhook).find({ order: { name: 'ASC' } });
    return webhooks.map((webhook) => this.view(webhook));
  }

  /** One webhook. @throws NotFoundError */
  async get(id: string): Promise<WebhookView> {
    return this.view(await findWebhook(this.dataSource.manager, id));
  }

  /**
   * Saves a new webhook. Its answer is the only one that shows the secret.
   *
   * @throws WebhookInvalidError with all that is wrong, by field
   */
  async create(input: WebhookInput): Promise<SavedWebhook> {
    await this.check(input, undefined);
    const id = newId();
    const { secret = generateSecret(), variables = null, ...definition } = { ...DEFAULTS, ...defined(input) };
    const now = () => NOW[requireDialect(this.dataSource)];
    await this.dataSource
      .createQueryBuilder()
      .insert()
      .into(Webhook)
      .values({
        ...(definition as Definition),
        conditions: (definition.conditions ?? null) as object,
        id,
        secret: this.encryptSecret(id, secret),
        variables: this.encryptVariables(id, variables),
        createdAt: now,
        updatedAt: now,
      })
      .updateEntity(false)
      .execute();
    return this.saved(id, secret);
  }

  /**
   * Changes what is given and keeps the rest, which is looked at only when the webhook is enabled by it: what is no longer
   * right, since a model went or the network policy changed, must not keep anybody from disabling it.
   *
   * @param revision - the one that was changed; with another one, somebody else was faster
   * @throws NotFoundError, WebhookInvalidError with all that is wrong, by field
   * @throws WebhooksError `WEBHOOKS_CONFLICT` when the webhook has another revision
   */
  async update(
    id: string,
    changes: Partial<WebhookInput>,
    { revision }: { readonly revision?: number } = {},
  ): Promise<SavedWebhook> {
    const given = defined(changes);
    const { secret, variables: _variables, ...definition } = given;
    await changeWebhook(
      this.dataSource,
      id,
      async (webhook) => {
        if (revision !== undefined && revision !== webhook.revision) throw conflict(webhook);
        const isEnabled = definition.enabled === true && !webhook.enabled;
        await this.check({ ...this.definition(webhook), ...given }, webhook, isEnabled ? undefined : given);
        return {
          ...(definition as QueryDeepPartialEntity<Webhook>),
          ...(definition.enabled === true ? HEALED : {}),
          ...this.changedRate(webhook, definition),
          ...this.changedSecrets(webhook, given),
        };
      },
      async (manager) => {
        if (definition.enabled === true)
          await releaseDeliveries(manager, id, this.options.delivery.heldMaxAge);
      },
    );
    if (definition.enabled === false) await holdDeliveries(this.dataSource, id);
    if (definition.enabled === true) this.feeder.wake();
    return this.saved(id, secret);
  }

  /** Deletes a webhook and cancels what was still to be delivered. Gives how many deliveries that were. @throws NotFoundError */
  async delete(id: string): Promise<{ cancelled: number }> {
    const webhook = await findWebhook(this.dataSource.manager, id);
    await this.dataSource.createQueryBuilder().delete().from(Webhook).where({ id: webhook.id }).execute();
    await this.registry.refresh();
    return { cancelled: await cancelOfDeleted(this.dataSource, id) };
  }

  /** @param changes - all that is looked at, with what depends on it; everything unless given */
  private async check(
    input: WebhookInput,
    saved: Webhook | undefined,
    changes?: Partial<WebhookInput>,
  ): Promise<void> {
    const models = new Set(trackedModels(this.dataSource).keys());
    const faults: Record<string, readonly string[]> = {
      ...checkWebhook(input, { models, network: this.network }),
    };
    if (typeof input.name === 'string' && faults['name'] === undefined) {
      const other = await this.dataSource.getRepository(Webhook).findOneBy({ name: input.name });
      if (other !== null && other.id !== saved?.id)
        faults['name'] = [`name "${input.name}" is taken by another webhook`];
    }
    const concerned = Object.entries(faults).filter(
      ([field]) => changes === undefined || isConcerned(field, changes),
    );
    if (concerned.length > 0) throw new WebhookInvalidError(Object.fromEntries(concerned));
  }

  private async saved(id: string, secret: string | null | undefined): Promise<SavedWebhook> {
    await this.registry.refresh();
    const view = await this.get(id);
    return typeof secret === 'string' ? { ...view, secret, standardSecret: toStandardSecret(secret) } : view;
  }

  private view(webhook: Webhook): WebhookView {
    return viewWebhook(webhook, this.variableNames(webhook));
  }

  private definition(webhook: Webhook): Pick<WebhookInput, keyof WebhookInput> {
    const names = ['name', 'models', 'events', 'url', ...Object.keys(DEFAULTS)] as (keyof Webhook)[];
    return Object.fromEntries(names.map((name) => [name, webhook[name]])) as unknown as WebhookInput;
  }

  /** What waits for a time under the old limit is not held to it. */
  private changedRate(webhook: Webhook, changes: Partial<WebhookInput>): QueryDeepPartialEntity<Webhook> {
    const { rateLimit = webhook.rateLimit, ratePeriod = webhook.ratePeriod } = changes;
    if (rateLimit === null || (rateLimit === webhook.rateLimit && ratePeriod === webhook.ratePeriod))
      return {};
    return { rateNextAt: () => nextSlotUnder(this.dataSource, { rateLimit, ratePeriod }) };
  }

  private changedSecrets(
    webhook: Webhook,
    { secret, variables }: Partial<WebhookInput>,
  ): QueryDeepPartialEntity<Webhook> {
    if (secret === undefined && variables === undefined) return {};
    return {
      ...(secret === undefined
        ? {}
        : {
            secret: this.encryptSecret(webhook.id, secret),
            // An overlap that still runs is of a secret that this one has nothing to do with.
            previousSecret: null,
            previousSecretUntil: null,
          }),
      ...(variables === undefined ? {} : { variables: this.encryptVariables(webhook.id, variables) }),
      oldSecrets: rememberSecrets(this.secrets, webhook),
    };
  }

  private encryptSecret(id: string, secret: string | null): string | null {
    return secret === null ? null : this.secrets.encrypt(id, 'secret', secret);
  }

  private encryptVariables(id: string, variables: Readonly<Record<string, string>> | null): string | null {
    return variables === null ? null : this.secrets.encrypt(id, 'variables', JSON.stringify(variables));
  }

  /** `null` when they cannot be read: one damaged row must not hide the others, nor itself. */
  private variableNames({ id, variables }: Webhook): readonly string[] | null {
    if (variables === null) return [];
    try {
      return Object.keys(JSON.parse(this.secrets.decrypt(id, 'variables', variables)) as object);
    } catch (error) {
      if (error instanceof SecretsError) return null;
      throw error;
    }
  }
}

function conflict({ name, revision }: Webhook): WebhooksError {
  return new WebhooksError(
    'WEBHOOKS_CONFLICT',
    `The webhook "${name}" was not saved: somebody else has changed it meanwhile (revision ${revision}). Read it again first.`,
  );
}

/** Whether a fault of a field may come from a change, of the field itself or of the one that it depends on. */
function isConcerned(field: string, changes: Partial<WebhookInput>): boolean {
  return (
    Object.hasOwn(changes, field) || (field === 'caCertificate' && Object.hasOwn(changes, 'sslVerification'))
  );
}

/** Enabling a webhook forgets its failures. */
const HEALED = {
  disabledReason: null,
  failureCount: 0,
  failingSince: null,
  pausedUntil: null,
  pauseCount: 0,
} as const satisfies Partial<Webhook>;

/** Without the properties that are there but undefined. */
function defined<Input extends object>(input: Input): Pick<Input, keyof Input> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Input;
}
