import { AsyncResource } from 'node:async_hooks';

/**
 * The port "something was committed". Capture calls it after the commit of a transaction that wrote events; whoever
 * dispatches them listens. It carries no data, never throws and waits for nothing: events that no signal announced
 * are found by polling.
 */
export class CommitSignal {
  private readonly listeners = new Set<() => void>();

  /** Tells the listeners. */
  notify(): void {
    for (const listener of this.listeners) listener();
  }

  /**
   * Adds a listener, which must not throw; the returned function takes it away. It runs in the asynchronous context of
   * this call, not of the commit: what it starts belongs neither to a request nor to its transaction.
   */
  subscribe(listener: () => void): () => void {
    const bound = AsyncResource.bind(listener);
    this.listeners.add(bound);
    return () => this.listeners.delete(bound);
  }
}
