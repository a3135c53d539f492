package io.muster.runtime.settings;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Texts by name as one place gives them, all of which beat the layers below it.
 *
 * @param label the place, for people
 * @param texts what is set there; blank counts as not set
 */
record Layer(String label, Map<String, String> texts) {
  Layer {
    Map<String, String> set = new LinkedHashMap<>();
    texts.forEach(
        (name, text) -> {
          if (text != null && !text.isBlank()) {
            set.put(name, text.strip());
          }
        });
    texts = set;
  }
}
