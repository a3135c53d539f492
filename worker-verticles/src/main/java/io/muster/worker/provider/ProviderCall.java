package io.muster.worker.provider;

/** A job that a provider works on; used on the event loop. */
public interface ProviderCall {
  /** Closes the connection that the job uses; the answer hears nothing more. */
  void cancel();

  /** Reads no more from the server until {@link #resume}; pieces already read may still come. */
  void pause();

  void resume();
}
