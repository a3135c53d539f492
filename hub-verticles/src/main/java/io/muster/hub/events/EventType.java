package io.muster.hub.events;

import java.util.List;

/**
 * One kind of event.
 *
 * @param name {@code node_registered}
 * @param data the members of its data; a question mark at the end says that it may be missing
 * @param passing comes so often that it is not kept: whoever was not there has missed it
 * @param doc for people
 */
public record EventType(String name, List<String> data, boolean passing, String doc) {
  public EventType {
    data = List.copyOf(data);
  }

  static EventType kept(String name, String doc, String... data) {
    return new EventType(name, List.of(data), false, doc);
  }

  static EventType passing(String name, String doc, String... data) {
    return new EventType(name, List.of(data), true, doc);
  }
}
