package io.muster.hub.identity;

/** What let a node in when it came for the first time. */
public enum AdmittedBy {
  JOIN_TOKEN("join-token"),
  SECRET("secret"),
  /** The key in the path, which all nodes of other makes share. */
  VCP_KEY("vcp-key"),
  /** Nothing: the hub keeps to loopback and has no secret, so whoever reaches it is trusted. */
  FIRST_USE("first-use");

  private final String label;

  AdmittedBy(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }

  static AdmittedBy of(String label) {
    for (AdmittedBy way : values()) {
      if (way.label.equals(label)) {
        return way;
      }
    }
    throw new IllegalArgumentException("no such way of admission: " + label);
  }
}
