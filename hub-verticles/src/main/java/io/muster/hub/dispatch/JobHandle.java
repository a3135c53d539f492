package io.muster.hub.dispatch;

/** A job that was submitted, for whoever asked for it; used on the hub's event loop. */
public interface JobHandle {
  /**
   * Ends the job wherever it is, down to the provider's connection. The listener hears nothing
   * more. Harmless when the job has ended.
   */
  void cancel(String reason);

  /** So many pieces of the stream were passed on to the client: as many more may come. */
  void grant(int frames);

  /** Its place in the queue, 1 for the next; 0 when it waits no more. */
  int queuePlace();
}
