import { Body, Delete, Get, HttpCode, Inject, Param, Patch, Post } from '@nestjs/common';
import type { WebhookInput } from '../webhooks/webhook-input.js';
import type { SavedWebhook, WebhookView } from '../webhooks/webhook-view.js';
import { WebhooksService } from '../webhooks/webhooks.service.js';

/** CRUD of webhooks. Path, guards and filter are put on by the module. */
export abstract class WebhooksController {
  // Bodies are typed as interfaces, so that a host's global pipe leaves them alone: the service checks them.
  constructor(@Inject(WebhooksService) private readonly webhooks: WebhooksService) {}

  @Get()
  list(): Promise<WebhookView[]> {
    return this.webhooks.list();
  }

  @Get(':id')
  get(@Param('id') id: string): Promise<WebhookView> {
    return this.webhooks.get(id);
  }

  @Post()
  create(@Body() input: WebhookInput): Promise<SavedWebhook> {
    return this.webhooks.create(input);
  }

  @Patch(':id')
  update(@Param('id') id: string, @Body() changes: Partial<WebhookInput>): Promise<SavedWebhook> {
    return this.webhooks.update(id, changes);
  }

  @Delete(':id')
  @HttpCode(200)
  delete(@Param('id') id: string): Promise<{ cancelled: number }> {
    return this.webhooks.delete(id);
  }
}
