package io.muster.hub.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A request's JSON object, read field by field; each method throws a 400 that names the field where
 * its value is of another kind. {@code null} stands for a field that is not there.
 */
public final class JsonBody {
  private final ObjectNode json;
  private final String prefix;

  JsonBody(ObjectNode json) {
    this(json, "");
  }

  private JsonBody(ObjectNode json, String prefix) {
    this.json = json;
    this.prefix = prefix;
  }

  /** The same for an object that came in another way than as a request's body. */
  public static JsonBody of(JsonObject json) {
    return new JsonBody(HttpJson.MAPPER.valueToTree(json.getMap()));
  }

  static JsonBody empty() {
    return new JsonBody(JsonNodeFactory.instance.objectNode());
  }

  /** Whether the field is there and not null. */
  public boolean has(String field) {
    return json.hasNonNull(field);
  }

  /** Refuses fields that mean nothing here: a name misspelt must not be lost in silence. */
  public JsonBody only(String... fields) {
    Set<String> known = Set.of(fields);
    json.fieldNames()
        .forEachRemaining(
            field -> {
              if (!known.contains(field)) {
                throw ApiErrors.invalid(
                    prefix + field,
                    "'%s' is no field here; there are %s."
                        .formatted(prefix + field, String.join(", ", fields)));
              }
            });
    return this;
  }

  /** A text that has to be there and not be empty. */
  public String string(String field) {
    String value = optionalString(field).orElse("");
    if (value.isEmpty()) {
      throw ApiErrors.invalid(
          prefix + field, "'" + prefix + field + "' is missing: it has to be a string.");
    }
    return value;
  }

  public Optional<String> optionalString(String field) {
    JsonNode value = json.get(field);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw wrong(field, "a string");
    }
    return Optional.of(value.textValue());
  }

  public boolean bool(String field, boolean missing) {
    JsonNode value = json.get(field);
    if (value == null || value.isNull()) {
      return missing;
    }
    if (!value.isBoolean()) {
      throw wrong(field, "true or false");
    }
    return value.booleanValue();
  }

  public long integer(String field, long least, long most, long missing) {
    JsonNode value = json.get(field);
    if (value == null || value.isNull()) {
      return missing;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < least
        || value.longValue() > most) {
      throw wrong(field, "an integer from " + least + " to " + most);
    }
    return value.longValue();
  }

  public double number(String field, double least, double most, double missing) {
    JsonNode value = json.get(field);
    if (value == null || value.isNull()) {
      return missing;
    }
    if (!value.isNumber() || value.doubleValue() < least || value.doubleValue() > most) {
      throw wrong(field, "a number from " + least + " to " + most);
    }
    return value.doubleValue();
  }

  /** An array of texts, empty when it is not there. */
  public List<String> strings(String field) {
    JsonNode value = json.get(field);
    if (value == null || value.isNull()) {
      return List.of();
    }
    if (!value.isArray()) {
      throw wrong(field, "an array of strings");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode element : value) {
      if (!element.isTextual()) {
        throw wrong(field + "[" + texts.size() + "]", "a string");
      }
      texts.add(element.textValue());
    }
    return List.copyOf(texts);
  }

  /** An object, to be read field by field too. */
  public Optional<JsonBody> object(String field) {
    JsonNode value = json.get(field);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isObject()) {
      throw wrong(field, "an object");
    }
    return Optional.of(new JsonBody((ObjectNode) value, prefix + field + "."));
  }

  /** An array of objects, empty when it is not there. */
  public List<JsonBody> objects(String field) {
    JsonNode value = json.get(field);
    if (value == null || value.isNull()) {
      return List.of();
    }
    if (!value.isArray()) {
      throw wrong(field, "an array of objects");
    }
    List<JsonBody> objects = new ArrayList<>();
    for (JsonNode element : value) {
      String name = field + "[" + objects.size() + "]";
      if (!element.isObject()) {
        throw wrong(name, "an object");
      }
      objects.add(new JsonBody((ObjectNode) element, prefix + name + "."));
    }
    return List.copyOf(objects);
  }

  /** As it came. */
  public ObjectNode tree() {
    return json;
  }

  /** As it came, for what is handed on. */
  public JsonObject toJson() {
    return new JsonObject(json.toString());
  }

  private RuntimeException wrong(String field, String expected) {
    return ApiErrors.invalid(
        prefix + field, "'" + prefix + field + "' has to be " + expected + ".");
  }
}
