package io.muster.hub.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.JsonBody;
import io.muster.hub.storage.StorableText;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Reads the body of {@code POST /api/tasks}; what is wrong is a 400 that names the field. */
final class TaskRequest {
  private static final long LONGEST_MS = 86_400_000;
  private static final int LONGEST_NAME = 200;
  private static final int MOST_TAGS = 32;
  private static final int MOST_DEPENDENCIES = 100;

  /** In one order, so that the same request is the same text. */
  private static final ObjectMapper SORTED =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  private final TaskOptions options;
  private final Clock clock;
  private final RandomGenerator random;

  TaskRequest(TaskOptions options, Clock clock, RandomGenerator random) {
    this.options = options;
    this.clock = clock;
    this.random = random;
  }

  TaskSpec read(JsonBody body, String caller) {
    body.only(
        "toolName",
        "toolArgs",
        "capability",
        "nodeId",
        "tags",
        "timeout",
        "priority",
        "retries",
        "dependsOn",
        "onDependencyFailure",
        "idempotencyKey");
    String tool = name("toolName", Optional.of(body.string("toolName")));
    long now = clock.millis();
    return new TaskSpec(
        TaskSpec.newId(now, random),
        StorableText.of(shortened(caller)),
        new Needs(
            tool,
            name("capability", body.optionalString("capability")),
            name("nodeId", body.optionalString("nodeId")),
            new HashSet<>(texts(body, "tags", MOST_TAGS))),
        args(body),
        body.integer("timeout", 1, LONGEST_MS, options.timeoutMs()),
        (int) body.integer("priority", 0, 10, 5),
        (int) body.integer("retries", 0, 100, options.retries()),
        texts(body, "dependsOn", MOST_DEPENDENCIES),
        skips(body),
        name("idempotencyKey", body.optionalString("idempotencyKey")),
        hash(body),
        now);
  }

  private String args(JsonBody body) {
    String args = body.object("toolArgs").map(given -> given.tree().toString()).orElse("{}");
    String storable = StorableText.of(args);
    if (storable.length() > options.maxArgsBytes()
        || storable.getBytes(StandardCharsets.UTF_8).length > options.maxArgsBytes()) {
      throw ApiErrors.invalid(
          "toolArgs",
          "'toolArgs' is longer than the "
              + options.maxArgsBytes()
              + " bytes of TASK_MAX_ARGS_BYTES: hand over where to find it instead.");
    }
    return storable;
  }

  private static boolean skips(JsonBody body) {
    String wish = body.optionalString("onDependencyFailure").orElse("fail");
    if (!wish.equals("fail") && !wish.equals("skip")) {
      throw ApiErrors.invalid(
          "onDependencyFailure", "'onDependencyFailure' has to be \"fail\" or \"skip\".");
    }
    return wish.equals("skip");
  }

  private static String name(String field, Optional<String> value) {
    String text = value.orElse(null);
    if (text != null && (text.isEmpty() || text.length() > LONGEST_NAME)) {
      throw ApiErrors.invalid(
          field, "'" + field + "' has to be 1 to " + LONGEST_NAME + " characters long.");
    }
    return StorableText.of(text);
  }

  private static List<String> texts(JsonBody body, String field, int most) {
    List<String> texts = body.strings(field);
    if (texts.size() > most) {
      throw ApiErrors.invalid(field, "'" + field + "' may have " + most + " entries at most.");
    }
    return texts.stream().distinct().map(text -> name(field, Optional.of(text))).toList();
  }

  private static String shortened(String caller) {
    return caller.length() > LONGEST_NAME ? caller.substring(0, LONGEST_NAME) : caller;
  }

  private static String hash(JsonBody body) {
    try {
      byte[] text = SORTED.writeValueAsBytes(SORTED.treeToValue(body.tree(), Object.class));
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (JsonProcessingException | NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256, and JSON can be written", e);
    }
  }
}
