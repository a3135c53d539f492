package io.muster.job;

/**
 * What a hub sends to a node about one attempt of a job, at {@link io.muster.bus.Addresses#node}.
 * An attempt is known by its ticket, which one hub process gives once.
 */
public sealed interface JobMessage {
  /** The hub whose ticket it is. */
  String hubId();

  long ticket();

  /**
   * Run this. The first frame that comes back is the acknowledgement.
   *
   * @param credit how many {@link Frame.Delta} may be sent before more is granted
   */
  record Submit(String hubId, long ticket, int credit, Job job) implements JobMessage {}

  /** Stop it, the provider's connection included; no frame is expected any more. */
  record Cancel(String hubId, long ticket, String reason) implements JobMessage {}

  /** So many more {@link Frame.Delta} may be sent. */
  record Credit(String hubId, long ticket, int frames) implements JobMessage {}
}
