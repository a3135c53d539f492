package io.muster.job;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.OptBoolean;

/**
 * What a hub sends to a node about one attempt of a job, at {@link io.muster.bus.Addresses#node}.
 * An attempt is known by its ticket, which one hub process gives once.
 */
// Where it travels alone, the message itself says what it is.
@JsonTypeInfo(
    use = JsonTypeInfo.Id.NAME,
    property = "t",
    requireTypeIdForSubtypes = OptBoolean.FALSE)
@JsonSubTypes({
  @JsonSubTypes.Type(value = JobMessage.Submit.class, name = "s"),
  @JsonSubTypes.Type(value = JobMessage.Cancel.class, name = "x"),
  @JsonSubTypes.Type(value = JobMessage.Credit.class, name = "c")
})
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
