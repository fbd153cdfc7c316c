import { Body, Delete, HttpCode, Inject, Param, Patch, Post } from '@nestjs/common';
import type { WebhookAttempt } from '../../model/webhook-attempt.entity.js';
import { PreviewService, type Preview } from '../../webhooks/preview.service.js';
import { WebhookSecretsService, type RotatedSecret } from '../../webhooks/secrets.service.js';
import { WebhookInput } from '../../webhooks/webhook-input.js';
import type { SavedWebhook, WebhookView } from '../../webhooks/webhook-view.js';
import { WebhooksService } from '../../webhooks/webhooks.service.js';
import { PreviewBody, RotateBody, TestBody } from '../dto/action-bodies.js';
import { readDto, requireObject } from '../dto/read-dto.js';
import { TestSends } from '../test-sends.js';
import { Described } from './described.js';

/** Changes, previews and tries webhooks. */
export abstract class WebhookWritesController {
  constructor(
    @Inject(WebhooksService) private readonly webhooks: WebhooksService,
    @Inject(WebhookSecretsService) private readonly secrets: WebhookSecretsService,
    @Inject(PreviewService) private readonly previews: PreviewService,
    @Inject(TestSends) private readonly tests: TestSends,
  ) {}

  @Post()
  @HttpCode(201)
  @Described({
    summary: 'Create a webhook',
    body: WebhookInput,
    answer: 'The webhook with its secret, which is shown here and never again',
  })
  create(@Body() body: object): Promise<SavedWebhook> {
    return this.webhooks.create(requireObject(body) as unknown as WebhookInput);
  }

  @Post('preview')
  @Described({
    summary: 'Render a webhook and explain its conditions without sending anything',
    body: PreviewBody,
    answer: 'The request, the conditions term by term, and what is wrong by field',
  })
  preview(@Body() body: object): Promise<Preview> {
    return this.previews.preview(readDto(PreviewBody, body));
  }

  @Patch(':id')
  @Described({
    summary: 'Change a webhook; what is left out stays',
    body: WebhookInput,
    isPartial: true,
    answer: 'The webhook; with its secret if that was changed',
  })
  update(@Param('id') id: string, @Body() body: object): Promise<SavedWebhook> {
    return this.webhooks.update(id, requireObject(body));
  }

  @Delete(':id')
  @Described({ summary: 'Delete a webhook', answer: 'How many deliveries were cancelled with it' })
  delete(@Param('id') id: string): Promise<{ cancelled: number }> {
    return this.webhooks.delete(id);
  }

  @Post(':id/enable')
  @Described({ summary: 'Enable a webhook; what was held is sent', answer: 'The webhook' })
  enable(@Param('id') id: string): Promise<WebhookView> {
    return this.webhooks.update(id, { enabled: true });
  }

  @Post(':id/disable')
  @Described({ summary: 'Disable a webhook; its deliveries are held', answer: 'The webhook' })
  disable(@Param('id') id: string): Promise<WebhookView> {
    return this.webhooks.update(id, { enabled: false });
  }

  @Post(':id/rotate-secret')
  @Described({
    summary: 'Replace the secret; both sign for the overlap',
    body: RotateBody,
    answer: 'The new secret, which is shown here and never again',
  })
  rotate(@Param('id') id: string, @Body() body: object): Promise<RotatedSecret> {
    return this.secrets.rotate(id, readDto(RotateBody, body));
  }

  @Post(':id/end-overlap')
  @Described({ summary: 'Let only the new secret sign from now on', answer: 'The webhook' })
  async endOverlap(@Param('id') id: string): Promise<WebhookView> {
    await this.secrets.endOverlap(id);
    return this.webhooks.get(id);
  }

  @Post(':id/test')
  @Described({
    summary: 'Send one request now; the record, not the request, says that it is a test',
    body: TestBody,
    answer: 'The attempt, with what came back',
  })
  test(@Param('id') id: string, @Body() body: object): Promise<WebhookAttempt> {
    return this.tests.send(id, readDto(TestBody, body).eventId);
  }

  @Post(':id/ping')
  @Described({ summary: 'Send a ping now', answer: 'The attempt, with what came back' })
  ping(@Param('id') id: string): Promise<WebhookAttempt> {
    return this.tests.ping(id);
  }
}
