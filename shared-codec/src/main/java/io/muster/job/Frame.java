package io.muster.job;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.muster.bus.Failure;
import io.muster.bus.Fault;

/**
 * What comes back from a node about one attempt of a job.
 *
 * <pre>
 *   Started* ──▶ Delta(1) ──▶ Delta(2) … ──▶ Done | Failed        (a stream)
 *   Started* ──▶ Done | Failed                                    (one answer)
 * </pre>
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "t")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Frame.Started.class, name = "s"),
  @JsonSubTypes.Type(value = Frame.Delta.class, name = "d"),
  @JsonSubTypes.Type(value = Frame.Done.class, name = "e"),
  @JsonSubTypes.Type(value = Frame.Failed.class, name = "f")
})
public sealed interface Frame {
  long ticket();

  /** The node has the job and works on it; repeated while it waits for the provider. */
  record Started(long ticket) implements Frame {}

  /**
   * The next piece of a stream.
   *
   * @param seq 1, 2, 3 …; a gap means that a piece was lost
   * @param count how many events are in it
   * @param events OpenAI's server-sent events as they go to the client, {@code data: {…}\n\n} each
   */
  record Delta(long ticket, int seq, int count, byte[] events) implements Frame {
    public Delta {
      events = events == null ? new byte[0] : events;
    }
  }

  /**
   * The job ended well.
   *
   * @param seq the last {@link Delta}'s, 0 where there was none
   * @param body OpenAI's chat completion object; null at the end of a stream
   */
  record Done(long ticket, int seq, String finishReason, Usage usage, byte[] body)
      implements Frame {
    public Done {
      usage = usage == null ? Usage.NONE : usage;
    }
  }

  /**
   * The job did not end well.
   *
   * @param seq the last {@link Delta}'s, 0 where there was none
   */
  record Failed(long ticket, int seq, Fault fault) implements Frame {
    public Failed {
      fault = fault == null ? Fault.of(Failure.INTERNAL, null) : fault;
    }
  }
}
