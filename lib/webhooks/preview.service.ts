import { Inject, Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { WebhookEventName } from '../common/events.js';
import { ConditionInvalidError } from '../conditions/condition-invalid-error.js';
import { explainConditions, type ConditionExplanation } from '../conditions/explain-conditions.js';
import { NetworkPolicy } from '../http/network-policy.js';
import { WebhookEvent } from '../model/webhook-event.entity.js';
import type { ResolvedWebhooksOptions } from '../options/resolve-options.js';
import { WEBHOOKS_DATA_SOURCE } from '../options/tokens.js';
import { WEBHOOKS_OPTIONS } from '../options/webhooks.module-definition.js';
import { renderRequest, type RenderedRequest } from '../rendering/render-request.js';
import { TemplateError } from '../rendering/template-error.js';
import { trackedModels } from '../tracking/tracked-models.js';
import { checkWebhook } from './check-webhook.js';
import { latestEvent } from './latest-event.js';
import { NotFoundError } from './not-found.error.js';
import { PREVIEW_OBJECTS, type PreviewObjects } from './preview-objects.js';
import { conditionSubject, subjectOfEvent, subjectOfObject, type PreviewSubject } from './preview-subject.js';
import type { WebhookInput } from './webhook-input.js';
import type { FieldFaults } from './webhook-invalid.error.js';
import { DEFAULTS, WebhooksService } from './webhooks.service.js';

/** What a preview is made of. */
export interface PreviewInput {
  /** The definition; with `id`, what of the saved one is changed. */
  readonly webhook?: Partial<WebhookInput>;
  /** Id of a saved webhook. */
  readonly id?: string;
  /** Against this event. */
  readonly eventId?: string;
  /** Against an object of this model. @defaultValue the first of the webhook's models */
  readonly model?: string;
  /**
   * Against this object as it is now. Without it: the latest event of the model and the kinds, if it is among the last
   * 5,000 of all, or else a sample.
   */
  readonly objectId?: string;
  /** Against a made-up object even if there are events. */
  readonly sample?: boolean;
  /** What happened to the object or sample. @defaultValue the first of the webhook's events */
  readonly event?: WebhookEventName;
}

/** What a webhook would send, and whether it would. Nothing is sent. */
export interface Preview {
  /** `null` when there is no model to choose one of. */
  readonly subject: PreviewSubject | null;
  /** Whether the webhook listens to the subject's model and event. */
  readonly listens: boolean;
  /** What became of each condition; `null` when they are no conditions or there is no subject. */
  readonly conditions: ConditionExplanation | null;
  /** Without the headers of signing; secret values are masked. `null` when it cannot be rendered. */
  readonly request: RenderedRequest | null;
  /** What is wrong, by field. */
  readonly faults: FieldFaults;
}

/** Stands for every secret value: a preview never reads them. */
const MASKED_VALUE = '********';

/** Renders and explains webhooks without sending anything. */
@Injectable()
export class PreviewService {
  constructor(
    @Inject(WEBHOOKS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(WEBHOOKS_OPTIONS) private readonly options: ResolvedWebhooksOptions,
    @Inject(PREVIEW_OBJECTS) private readonly objects: PreviewObjects,
    private readonly webhooks: WebhooksService,
    private readonly network: NetworkPolicy,
  ) {}

  /** @throws NotFoundError for a webhook, event or object that is named and not there */
  async preview(input: PreviewInput): Promise<Preview> {
    const { definition, variables } = await this.definition(input);
    const subject = await this.subject(input, definition);
    const models = new Set(trackedModels(this.dataSource).keys());
    const faults: Record<string, readonly string[]> = {
      ...checkWebhook(definition, { models, network: this.network }),
    };
    if (subject === null) return { subject, listens: false, conditions: null, request: null, faults };
    const listens =
      list(definition.models).includes(subject.model) && list(definition.events).includes(subject.event);
    const conditions = explain(definition.conditions, subject);
    let request: RenderedRequest | null = null;
    try {
      request = this.render(definition, subject, variables);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      const field = error.field ?? 'bodyTemplate';
      faults[field] ??= [error.at({ field: undefined }).message];
    }
    return { subject, listens, conditions, request, faults };
  }

  /** What a webhook for this model would be previewed against. @throws NotFoundError */
  async subject(
    input: Omit<PreviewInput, 'webhook' | 'id'>,
    definition: Partial<WebhookInput> = {},
  ): Promise<PreviewSubject | null> {
    const events = this.dataSource.getRepository(WebhookEvent);
    if (input.eventId !== undefined) {
      const event = await events.findOneBy({ id: input.eventId });
      if (event === null) throw new NotFoundError('event', input.eventId);
      return subjectOfEvent(event);
    }
    const model = input.model ?? list(definition.models)[0];
    if (model === undefined || !trackedModels(this.dataSource).has(model)) return null;
    const kinds = input.event === undefined ? list(definition.events) : [input.event];
    const kind = kinds[0] as WebhookEventName | undefined;
    if (input.objectId !== undefined) {
      const object = await this.objects.read(model, input.objectId);
      if (object === undefined) throw new NotFoundError('object', `${model} ${input.objectId}`);
      return subjectOfObject('object', object, { model, event: kind ?? 'update' });
    }
    if (input.sample !== true) {
      const last = await latestEvent(this.dataSource, { models: [model], events: kinds });
      if (last !== null) return subjectOfEvent(last);
    }
    return subjectOfObject('sample', this.objects.sample(model), { model, event: kind ?? 'create' });
  }

  private async definition(
    input: PreviewInput,
  ): Promise<{ definition: WebhookInput; variables: readonly string[] }> {
    const given = Object.fromEntries(
      Object.entries(input.webhook ?? {}).filter(([, value]) => value !== undefined),
    ) as Partial<WebhookInput>;
    const typed = Object.keys(given.variables ?? {});
    if (input.id === undefined) {
      return { definition: { ...DEFAULTS, ...given } as WebhookInput, variables: typed };
    }
    const saved = await this.webhooks.get(input.id);
    const names = ['name', 'models', 'events', 'url', ...Object.keys(DEFAULTS)] as (keyof typeof saved)[];
    const kept = Object.fromEntries(names.map((name) => [name, saved[name]]));
    return {
      definition: { ...kept, ...given } as WebhookInput,
      variables: given.variables === undefined ? saved.variables : typed,
    };
  }

  private render(
    definition: WebhookInput,
    subject: PreviewSubject,
    variables: readonly string[],
  ): RenderedRequest {
    const { url, method, contentType, additionalHeaders, bodyTemplate, strictTemplates } = definition;
    return renderRequest(
      {
        url: text(url),
        method: text(method),
        contentType: text(contentType),
        additionalHeaders: text(additionalHeaders),
        bodyTemplate: text(bodyTemplate),
        strict: strictTemplates === true,
      },
      subject,
      Object.fromEntries(variables.map((name) => [name, MASKED_VALUE])),
      this.options.templates,
    );
  }
}

function explain(conditions: unknown, subject: PreviewSubject): ConditionExplanation | null {
  try {
    return explainConditions(conditions ?? null)(conditionSubject(subject));
  } catch (error) {
    if (error instanceof ConditionInvalidError) return null;
    throw error;
  }
}

/** A definition that is still being typed may hold anything. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
