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

  /** Adds a listener, which must not throw; the returned function takes it away. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
