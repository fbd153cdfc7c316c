import { Body, Inject, Param, Post, Req } from '@nestjs/common';
import { WebhookSecretsService } from '../../webhooks/secrets.service.js';
import { WebhookInvalidError } from '../../webhooks/webhook-invalid.error.js';
import { WebhooksService } from '../../webhooks/webhooks.service.js';
import type { AdminRequest } from '../admin.interceptor.js';
import { requestInvalid } from '../admin.error.js';
import { Answer } from '../answer.js';
import { TestSends } from '../test-sends.js';
import { parseDuration } from './durations.js';
import { FormBody } from './form-body.js';
import { PageRenderer } from './page-renderer.js';

/** The buttons of a webhook. */
export abstract class WebhookActionsController {
  constructor(
    @Inject(WebhooksService) private readonly webhooks: WebhooksService,
    @Inject(WebhookSecretsService) private readonly secrets: WebhookSecretsService,
    @Inject(TestSends) private readonly tests: TestSends,
    @Inject(PageRenderer) private readonly pages: PageRenderer,
  ) {}

  @Post(':id/enable')
  async enable(@Param('id') id: string): Promise<Answer> {
    await this.webhooks.update(id, { enabled: true });
    return Answer.redirect(`../${id}?done=enabled`);
  }

  @Post(':id/disable')
  async disable(@Param('id') id: string): Promise<Answer> {
    await this.webhooks.update(id, { enabled: false });
    return Answer.redirect(`../${id}?done=disabled`);
  }

  @Post(':id/delete')
  async delete(@Param('id') id: string): Promise<Answer> {
    await this.webhooks.delete(id);
    return Answer.redirect('../../webhooks?done=deleted');
  }

  @Post(':id/rotate-secret')
  async rotate(@Req() request: AdminRequest, @Param('id') id: string, @Body() body: object): Promise<Answer> {
    const overlap = parseDuration(new FormBody(body).text('overlap') || '1d');
    if (overlap === undefined) throw requestInvalid({ overlap: ['overlap must be a duration such as 24h'] });
    try {
      const secret = await this.secrets.rotate(id, { overlap });
      const webhook = await this.webhooks.get(id);
      return this.pages.render({ request, depth: 3 }, 'secret', { webhook, secret, created: false });
    } catch (error) {
      if (error instanceof WebhookInvalidError) throw requestInvalid(error.fields);
      throw error;
    }
  }

  @Post(':id/end-overlap')
  async endOverlap(@Param('id') id: string): Promise<Answer> {
    await this.secrets.endOverlap(id);
    return Answer.redirect(`../${id}?done=ended`);
  }

  @Post(':id/test')
  async test(@Param('id') id: string): Promise<Answer> {
    const { deliveryId } = await this.tests.send(id);
    return Answer.redirect(`../../deliveries/${deliveryId}`);
  }

  @Post(':id/ping')
  async ping(@Param('id') id: string): Promise<Answer> {
    const { deliveryId } = await this.tests.ping(id);
    return Answer.redirect(`../../deliveries/${deliveryId}`);
  }
}
