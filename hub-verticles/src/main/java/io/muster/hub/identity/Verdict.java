package io.muster.hub.identity;

/** Whether a node is let in. */
public sealed interface Verdict {
  /**
   * It is.
   *
   * @param fresh it was not known before, or came with a new key that an admin had allowed
   */
  record Admitted(AdmittedBy by, boolean fresh) implements Verdict {}

  /**
   * It is not.
   *
   * @param code for programs
   * @param reason for people: what is wrong and what to do
   * @param guess it showed something that is false, which counts against its address
   */
  record Refused(String code, String reason, boolean guess) implements Verdict {}
}
