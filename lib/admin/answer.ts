/** A response with a content type of its own: pages, assets, redirects. Everything else a handler gives is JSON. */
export class Answer {
  constructor(
    readonly statusCode: number,
    readonly headers: Readonly<Record<string, string>>,
    readonly body: string,
  ) {}

  /** Sends the browser to another page, by GET. The address is relative to the one that was asked for. */
  static redirect(address: string): Answer {
    return new Answer(303, { location: address, 'cache-control': 'no-store' }, '');
  }

  /** Sends the caller to where this is, with the same method and body. */
  static moved(address: string): Answer {
    return new Answer(308, { location: address, 'cache-control': 'no-store' }, '');
  }
}
