package io.muster.worker.provider;

import io.muster.bus.Fault;
import io.muster.job.Usage;

/**
 * What a provider answers, told on the event loop.
 *
 * <pre>
 *   events* ──▶ done | failed
 * </pre>
 */
public interface Answer {
  /**
   * The next pieces of a stream.
   *
   * @param events OpenAI's server-sent events, {@code data: {…}\n\n} each; neither {@code [DONE]}
   *     nor a usage-only chunk is among them
   * @param count how many they are, at least 1
   */
  void events(byte[] events, int count);

  /**
   * The job ended well.
   *
   * @param finishReason OpenAI's: {@code stop}, {@code length}, {@code tool_calls}, …
   * @param body OpenAI's chat completion object as JSON; null at the end of a stream
   */
  void done(String finishReason, Usage usage, byte[] body);

  /** The job did not end well; a stream that was cut ends here, never in {@link #done}. */
  void failed(Fault fault);
}
