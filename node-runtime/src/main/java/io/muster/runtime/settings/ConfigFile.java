package io.muster.runtime.settings;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one {@code conf/*.json}: a flat object whose members are settings; those of nodes of
 * another make, {@code {"agent_api": {"listen_address": …}}}, may be nested as they are there.
 * Vert.x' own config stores are not used: they are asynchronous and need a Vert.x, which cannot be
 * made before the settings of its cluster are known.
 */
final class ConfigFile {
  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());

  private ConfigFile() {}

  /**
   * Reads a file, noting everything that is wrong with it.
   *
   * @return what it sets; empty when there is no such file
   */
  static Layer read(Path file, List<String> errors) {
    Map<String, String> texts = new LinkedHashMap<>();
    if (!Files.exists(file)) {
      return new Layer(file.toString(), texts);
    }
    JsonNode root;
    try (JsonParser parser =
        JSON.createParser(Files.readString(file, StandardCharsets.UTF_8).stripLeading())) {
      root = JSON.readTree(parser);
      if (parser.nextToken() != null) {
        errors.add(file + ": must be one JSON object, and nothing after it");
        return new Layer(file.toString(), texts);
      }
    } catch (JsonProcessingException e) {
      errors.add(file + ": is not valid JSON: " + where(e));
      return new Layer(file.toString(), texts);
    } catch (IOException e) {
      errors.add(file + ": cannot be read: " + e.getMessage());
      return new Layer(file.toString(), texts);
    }
    if (root == null || !root.isObject()) {
      errors.add(file + ": must be a JSON object, such as {\"ROOT_NODE_PORT\": 3000}");
      return new Layer(file.toString(), texts);
    }
    root.properties()
        .forEach(member -> put(file, member.getKey(), member.getValue(), texts, errors));
    return new Layer(file.toString(), texts);
  }

  private static void put(
      Path file, String name, JsonNode value, Map<String, String> texts, List<String> errors) {
    if (value.isArray()) {
      List<String> parts = new ArrayList<>();
      for (JsonNode part : value) {
        if (!part.isValueNode()) {
          errors.add(file + ": " + name + " must be a list of plain values");
          return;
        }
        parts.add(part.asText());
      }
      texts.put(name, String.join(",", parts));
    } else if (value.isObject() && isSection(name)) {
      value
          .properties()
          .forEach(
              member -> put(file, name + "." + member.getKey(), member.getValue(), texts, errors));
    } else if (value.isObject()) {
      errors.add(file + ": " + name + " must be a plain value; settings are flat");
    } else if (!value.isNull()) {
      texts.put(name, value.asText());
    }
  }

  private static boolean isSection(String name) {
    return Catalogue.all().stream()
        .flatMap(setting -> setting.aliases().stream())
        .anyMatch(alias -> alias.startsWith(name + "."));
  }

  /** Where and what, without the source text that Jackson quotes: it may hold a secret. */
  private static String where(JsonProcessingException e) {
    String what = e.getOriginalMessage().lines().findFirst().orElse("");
    return e.getLocation() == null
        ? what
        : "line "
            + e.getLocation().getLineNr()
            + ", column "
            + e.getLocation().getColumnNr()
            + ": "
            + what;
  }
}
