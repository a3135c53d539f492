package io.muster.container;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads an object field by field; what is wrong is a fault that names the field and the remedy. */
final class BodyReader {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})\\s*([kmgt]?)(i?b)?");
  private static final int LONGEST_TEXT = 4_096;
  private static final int LONGEST_LIST = 256;
  private static final long MOST_BYTES = 1L << 50;

  private final JsonObject json;
  private final String prefix;

  BodyReader(JsonObject json, String prefix, Set<String> known) {
    this.json = json;
    this.prefix = prefix;
    for (String field : json.fieldNames()) {
      if (!known.contains(field)) {
        throw wrong(
            field, "is no field here; there are " + String.join(", ", new TreeSet<>(known)));
      }
    }
  }

  boolean has(String field) {
    return json.getValue(field) != null;
  }

  String text(String field) {
    Object value = json.getValue(field);
    if (value == null) {
      return null;
    }
    return checked(field, value);
  }

  String needed(String field) {
    String value = text(field);
    if (value == null || value.isBlank()) {
      throw wrong(field, "is missing: it has to be a string");
    }
    return value;
  }

  boolean flag(String field) {
    Object value = json.getValue(field);
    if (value == null) {
      return false;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw wrong(field, "has to be true or false");
  }

  long number(String field, long least, long most, long missing) {
    Object value = json.getValue(field);
    return value == null ? missing : inRange(field, value, least, most);
  }

  private long inRange(String field, Object value, long least, long most) {
    if ((value instanceof Integer || value instanceof Long)
        && ((Number) value).longValue() >= least
        && ((Number) value).longValue() <= most) {
      return ((Number) value).longValue();
    }
    throw wrong(field, "has to be an integer from " + least + " to " + most);
  }

  double fraction(String field, double most) {
    Object value = json.getValue(field);
    if (value == null) {
      return 0;
    }
    if (value instanceof Number number
        && number.doubleValue() > 0
        && number.doubleValue() <= most) {
      return number.doubleValue();
    }
    throw wrong(field, "has to be a number above 0, at most " + most);
  }

  /** Bytes as a number, or as {@code 512m}, {@code 2g}. */
  long size(String field) {
    Object value = json.getValue(field);
    if (value == null) {
      return 0;
    }
    if (value instanceof String text) {
      Matcher size = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
      if (size.matches()) {
        int shift = shift(size.group(2));
        long count = Long.parseLong(size.group(1));
        // What is too much stays too much: shifted out, it would seem little.
        long bytes = count > MOST_BYTES >> shift ? MOST_BYTES + 1 : count << shift;
        return inRange(field, bytes, 1, MOST_BYTES);
      }
      throw wrong(field, "has to be bytes as a number, or a size as \"512m\" or \"2g\"");
    }
    return inRange(field, value, 1, MOST_BYTES);
  }

  private static int shift(String unit) {
    return unit.isEmpty() ? 0 : 10 * ("kmgt".indexOf(unit) + 1);
  }

  <E extends Enum<E>> E word(String field, Class<E> words, E missing) {
    String value = text(field);
    if (value == null) {
      return missing;
    }
    List<String> known = new ArrayList<>();
    for (E word : words.getEnumConstants()) {
      String name = word.name().toLowerCase(Locale.ROOT).replace('_', '-');
      if (name.equals(value)) {
        return word;
      }
      known.add(name);
    }
    throw wrong(field, "has to be one of " + String.join(", ", known));
  }

  List<String> texts(String field) {
    List<String> texts = new ArrayList<>();
    List<?> values = list(field);
    for (int i = 0; i < values.size(); i++) {
      texts.add(checked(field + "[" + i + "]", values.get(i)));
    }
    return texts;
  }

  List<Integer> integers(String field, int most) {
    List<Integer> integers = new ArrayList<>();
    List<?> values = list(field);
    for (int i = 0; i < values.size(); i++) {
      integers.add((int) inRange(field + "[" + i + "]", values.get(i), 0, most));
    }
    return integers;
  }

  List<BodyReader> objects(String field, Set<String> known) {
    List<BodyReader> objects = new ArrayList<>();
    JsonArray values = array(field);
    for (int i = 0; i < values.size(); i++) {
      String name = field + "[" + i + "]";
      if (!(values.getValue(i) instanceof JsonObject object)) {
        throw wrong(name, "has to be an object");
      }
      objects.add(new BodyReader(object, prefix + name + ".", known));
    }
    return objects;
  }

  /** Null where it is not there. */
  BodyReader object(String field, Set<String> known) {
    Object value = json.getValue(field);
    if (value == null) {
      return null;
    }
    if (value instanceof JsonObject object) {
      return new BodyReader(object, prefix + field + ".", known);
    }
    throw wrong(field, "has to be an object");
  }

  FaultException wrong(String field, String what) {
    String shown = field.length() > 80 ? field.substring(0, 80) + "…" : field;
    return new FaultException(Failure.BAD_REQUEST, "'" + prefix + shown + "' " + what + ".");
  }

  private List<?> list(String field) {
    return array(field).getList();
  }

  private JsonArray array(String field) {
    Object value = json.getValue(field);
    if (value == null) {
      return new JsonArray();
    }
    if (value instanceof JsonArray array && array.size() <= LONGEST_LIST) {
      return array;
    }
    throw wrong(field, "has to be an array of at most " + LONGEST_LIST);
  }

  private String checked(String field, Object value) {
    if (value instanceof String text && text.length() <= LONGEST_TEXT && text.indexOf(0) < 0) {
      return text;
    }
    throw wrong(field, "has to be a string of at most " + LONGEST_TEXT + " characters");
  }
}
