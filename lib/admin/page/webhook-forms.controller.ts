import { Body, Get, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { EVENTS, METHODS } from '../../common/events.js';
import { WebhooksError } from '../../common/webhooks-error.js';
import { NotFoundError } from '../../webhooks/not-found.error.js';
import { PreviewService } from '../../webhooks/preview.service.js';
import type { WebhookInput } from '../../webhooks/webhook-input.js';
import { WebhookInvalidError, type FieldFaults } from '../../webhooks/webhook-invalid.error.js';
import type { SavedWebhook } from '../../webhooks/webhook-view.js';
import { WebhooksService } from '../../webhooks/webhooks.service.js';
import { AdminReads } from '../admin-reads.js';
import type { AdminRequest } from '../admin.interceptor.js';
import { Answer } from '../answer.js';
import { FormBody } from './form-body.js';
import { PageRenderer, type PagePlace } from './page-renderer.js';
import { touchedInput } from './touched-input.js';
import { formOf, NEW_WEBHOOK, readForm, type FormValues, type ReadForm } from './webhook-form.js';

interface FormPage {
  readonly id: string | null;
  readonly values: FormValues;
  readonly revision: number | null;
  readonly faults?: FieldFaults;
  readonly conflict?: boolean;
  /** Why it was not saved, if that is no fault of a field. */
  readonly problem?: string;
  /** Which secrets were typed in vain. */
  readonly again?: ReadForm['typed'];
}

/** The fields without which nothing can be said of sending. */
const RENDERED = ['url', 'additionalHeaders', 'bodyTemplate', 'contentType', 'conditions'];

/** How strict templates complain of a value that is not there. */
const MISSING = /^(?:\w+: )?(.+?) is not defined, .*?(\(line .*\))?$/;

/** The form of a webhook, its preview, and the variables of its models. */
export abstract class WebhookFormsController {
  constructor(
    @Inject(WebhooksService) private readonly webhooks: WebhooksService,
    @Inject(PreviewService) private readonly previews: PreviewService,
    @Inject(AdminReads) private readonly reads: AdminReads,
    @Inject(PageRenderer) private readonly pages: PageRenderer,
  ) {}

  @Get('new')
  blank(@Req() request: AdminRequest): Answer {
    return this.form({ request, depth: 2 }, { id: null, values: NEW_WEBHOOK, revision: null });
  }

  @Post('new')
  async create(@Req() request: AdminRequest, @Body() body: object): Promise<Answer> {
    const form = readForm(body);
    return this.save({ request, depth: 2 }, { form, id: null }, () => this.webhooks.create(form.input));
  }

  @Get('variables')
  async variables(@Req() request: AdminRequest, @Query() query: object): Promise<Answer> {
    const names = new FormBody(query).texts('models');
    const known = this.reads.models().filter(({ model }) => names.includes(model));
    const models = await Promise.all(known.map(({ model }) => this.reads.model(model)));
    return this.pages.render({ request, depth: 2 }, 'parts/variables', { models });
  }

  @Post('preview')
  async preview(@Req() request: AdminRequest, @Body() body: object): Promise<Answer> {
    const fields = new FormBody(body);
    const { input, faults } = readForm(body);
    const against = fields.text('previewAgainst');
    const subjectId = fields.text('previewId').trim();
    const event = EVENTS.find((name) => name === fields.text('previewEvent'));
    const id = fields.text('id');
    const model = {
      preview: null,
      faults,
      missing: null as string | null,
    };
    try {
      const about = {
        ...(id === '' ? {} : { id }),
        ...(event === undefined ? {} : { event }),
        ...(against === 'sample' ? { sample: true } : {}),
        ...(against === 'object' && subjectId !== '' ? { objectId: subjectId } : {}),
        ...(against === 'event' && subjectId !== '' ? { eventId: subjectId } : {}),
      };
      const preview = await this.previews.preview({ ...about, webhook: withoutSecret(input) });
      // What is misspelt renders as nothing: said, although it is allowed.
      const strict = { ...withoutSecret(input), strictTemplates: true };
      const { faults: hints } = await this.previews.preview({ ...about, webhook: strict });
      return this.pages.render({ request, depth: 2 }, 'parts/preview', {
        ...model,
        preview,
        faults: { ...preview.faults, ...faults },
        isBroken: RENDERED.some((field) => (faults[field] ?? preview.faults[field]) !== undefined),
        hints: Object.entries(hints).flatMap(([field, [message = '']]) => {
          const [, name, place = ''] = MISSING.exec(message) ?? [];
          return name === undefined || preview.faults[field] !== undefined ? [] : [{ field, name, place }];
        }),
      });
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      return this.pages.render({ request, depth: 2 }, 'parts/preview', { ...model, missing: error.message });
    }
  }

  @Get(':id/edit')
  async edit(@Req() request: AdminRequest, @Param('id') id: string): Promise<Answer> {
    const webhook = await this.webhooks.get(id);
    const { revision } = webhook;
    return this.form({ request, depth: 3 }, { id, values: formOf(webhook), revision });
  }

  @Post(':id/edit')
  async update(@Req() request: AdminRequest, @Param('id') id: string, @Body() body: object): Promise<Answer> {
    const saved = await this.webhooks.get(id);
    const form = readForm(body, saved);
    const place = { request, depth: 3 };
    const { revision } = form;
    if (revision !== null && revision !== saved.revision) return this.conflict(place, id, form);
    const wasUnsigned = !saved.hasSecret;
    const touched = touchedInput(form, saved);
    const { secret, ...rest } = touched;
    // A webhook without a secret stays so, unless one is typed.
    const input = wasUnsigned && secret === null ? rest : touched;
    const expected = { revision: revision ?? saved.revision };
    return this.save(place, { form, id }, () => this.webhooks.update(id, input, expected));
  }

  private async save(
    place: PagePlace,
    { form, id }: { form: ReadForm; id: string | null },
    act: () => Promise<SavedWebhook>,
  ): Promise<Answer> {
    try {
      if (Object.keys(form.faults).length > 0) {
        // Everything that is wrong is said at once.
        const preview = await this.previews.preview({
          webhook: withoutSecret(form.input),
          ...(id === null ? {} : { id }),
        });
        throw new WebhookInvalidError({ ...preview.faults, ...form.faults });
      }
      const saved = await act();
      if (saved.secret !== undefined) {
        return this.pages.render(place, 'secret', { webhook: saved, secret: saved, created: id === null });
      }
      return Answer.redirect(id === null ? `${saved.id}?done=saved` : `../${id}?done=saved`);
    } catch (error) {
      const { values, revision, typed: again } = form;
      if (error instanceof WebhookInvalidError) {
        return this.form(place, { id, values, revision, again, faults: error.fields }, 422);
      }
      if (!(error instanceof WebhooksError)) throw error;
      if (error.code === 'WEBHOOKS_CONFLICT' && id !== null) return this.conflict(place, id, form);
      if (error.code !== 'WEBHOOKS_KEY_MISSING') throw error;
      return this.form(place, { id, values, revision, again, problem: error.message }, 409);
    }
  }

  /** What was typed is kept; saving again is a decision. */
  private async conflict(place: PagePlace, id: string, { values, typed: again }: ReadForm): Promise<Answer> {
    const { revision } = await this.webhooks.get(id);
    return this.form(place, { id, values, revision, again, conflict: true }, 409);
  }

  private form(place: PagePlace, page: FormPage, statusCode = 200): Answer {
    return this.pages.render(
      place,
      'webhook-form',
      { faults: {}, again: {}, ...page, models: this.reads.models(), allEvents: EVENTS, methods: METHODS },
      statusCode,
    );
  }
}

/** A secret changes nothing that a preview shows. */
function withoutSecret({ secret: _, ...shown }: WebhookInput): Partial<WebhookInput> {
  return shown;
}
