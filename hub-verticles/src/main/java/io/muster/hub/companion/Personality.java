package io.muster.hub.companion;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a companion said of itself in {@code personality}, as far as Muster knows the field; others
 * are left alone.
 *
 * @param name by which it speaks of itself, null for the node's
 * @param prompt its own system prompt, null when it gave none
 * @param traits {@code curious}, {@code humour: dry}
 * @param model which model speaks for it, null for the fleet's default
 */
record Personality(
    String name,
    String prompt,
    String description,
    String greeting,
    String language,
    List<String> traits,
    String model) {
  /** Of all texts together; a prompt is shown to the model in every turn. */
  static final int LONGEST = 32_000;

  private static final int MOST_TRAITS = 50;
  private static final int LONGEST_FIELD = 400;

  /** Reads what a node registered with; null makes one without anything. */
  static Personality of(Map<String, Object> given) {
    Map<String, Object> from = given == null ? Map.of() : given;
    return new Personality(
        text(from, LONGEST_FIELD, "name", "displayName"),
        text(from, LONGEST, "systemPrompt", "system_prompt", "prompt", "instructions"),
        text(from, LONGEST, "description", "persona", "bio"),
        text(from, LONGEST_FIELD, "greeting"),
        text(from, LONGEST_FIELD, "language"),
        traits(from.get("traits")),
        text(from, LONGEST_FIELD, "model"));
  }

  private static String text(Map<String, Object> from, int longest, String... names) {
    for (String name : names) {
      if (from.get(name) instanceof String text && !text.isBlank()) {
        return text.length() > longest ? text.substring(0, longest) : text;
      }
    }
    return null;
  }

  private static List<String> traits(Object given) {
    List<String> traits = new ArrayList<>();
    if (given instanceof Collection<?> list) {
      list.forEach(each -> traits.add(String.valueOf(each)));
    } else if (given instanceof Map<?, ?> map) {
      map.forEach((trait, value) -> traits.add(trait + ": " + value));
    } else if (given instanceof String text) {
      traits.addAll(List.of(text.split(",")));
    }
    return traits.stream()
        .map(String::strip)
        .filter(trait -> !trait.isEmpty() && trait.length() <= LONGEST_FIELD)
        .limit(MOST_TRAITS)
        .collect(Collectors.toUnmodifiableList());
  }

  /** What the model is told before everything else. */
  String systemPrompt(String nodeName) {
    List<String> parts = new ArrayList<>();
    if (prompt == null) {
      parts.add(
          "You are "
              + (name == null ? nodeName : name)
              + ", a companion. Stay in character, and speak as yourself.");
    } else {
      parts.add(prompt);
    }
    if (description != null) {
      parts.add(description);
    }
    if (!traits.isEmpty()) {
      parts.add("Your traits: " + String.join("; ", traits) + ".");
    }
    if (greeting != null) {
      parts.add("You greet with: " + greeting);
    }
    if (language != null) {
      parts.add("You speak " + language + ".");
    }
    String whole = String.join("\n\n", parts);
    return whole.length() > LONGEST ? whole.substring(0, LONGEST) : whole;
  }
}
