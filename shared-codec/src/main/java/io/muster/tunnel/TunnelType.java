package io.muster.tunnel;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a tunnel carries, by frp's own words. */
public enum TunnelType {
  TCP,
  UDP,
  HTTP,
  HTTPS;

  /** As in frp's configuration. */
  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * From frp's word.
   *
   * @throws IllegalArgumentException for another one
   */
  @JsonCreator
  public static TunnelType ofLabel(String label) {
    return find(label)
        .orElseThrow(() -> new IllegalArgumentException("no type of tunnel: " + label));
  }

  public static Optional<TunnelType> find(String label) {
    return Arrays.stream(values()).filter(type -> type.label().equals(label)).findFirst();
  }

  public static List<String> labels() {
    return Arrays.stream(values()).map(TunnelType::label).toList();
  }

  /** Whether it takes a port of the server; the others share the server's own, by host name. */
  public boolean takesPort() {
    return this == TCP || this == UDP;
  }
}
