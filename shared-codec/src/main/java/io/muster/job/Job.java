package io.muster.job;

/**
 * One normalised request, whatever the protocol it came by. Its body is OpenAI's chat completion
 * request as JSON, since every model server speaks it; what a hub needs for routing is beside it,
 * so that nobody parses the body again on the way.
 *
 * @param id of the job, unique
 * @param requestId the client's or the hub's {@code x-request-id}, in every log line about the job
 * @param kind what is asked for
 * @param model as the client named it; never null, the hub has filled in the default
 * @param stream whether the answer goes out piece by piece
 * @param affinity jobs with the same key do best on the same node (a session, a prompt's
 *     beginning); null when there is none
 * @param priority 0 to 10, higher first, 5 by default
 * @param timeoutMs milliseconds from the submission to the job's deadline
 * @param body OpenAI's request, UTF-8 JSON; {@code model} and {@code stream} in it are as the
 *     client wrote them, the fields above count
 */
public record Job(
    String id,
    String requestId,
    Kind kind,
    String model,
    boolean stream,
    String affinity,
    int priority,
    long timeoutMs,
    byte[] body) {

  /** What a job asks for. */
  public enum Kind {
    CHAT("chat");

    private final String capability;

    Kind(String capability) {
      this.capability = capability;
    }

    /** What a node has to offer to take such a job. */
    public String capability() {
      return capability;
    }
  }
}
