package io.muster.hub.gateway;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Text frames, {@code {type, data}}, within limits. */
final class Frames {
  private static final int MAX_TYPE_CHARACTERS = 100;
  private static final int MAX_NUMBER_CHARACTERS = 400;

  private final JsonMapper mapper;

  /** One frame; the data is empty when there was none. */
  record Frame(String type, JsonObject data) {}

  Frames(int maxDepth, int maxBytes) {
    mapper =
        JsonMapper.builder(
                JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .streamReadConstraints(
                        StreamReadConstraints.builder()
                            .maxNestingDepth(maxDepth)
                            .maxStringLength(maxBytes)
                            .maxNumberLength(MAX_NUMBER_CHARACTERS)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
  }

  /**
   * Reads a frame.
   *
   * @throws FrameFault when it is none
   */
  Frame read(byte[] utf8) {
    Map<?, ?> json = parse(utf8);
    if (!(json.get("type") instanceof String type) || type.isEmpty()) {
      throw new FrameFault("missing_type", "'type' is missing: it has to be a string");
    }
    if (type.length() > MAX_TYPE_CHARACTERS) {
      throw new FrameFault("unknown_type", "'type' is longer than any that there is");
    }
    Object data = json.get("data");
    if (data != null && !(data instanceof Map)) {
      throw new FrameFault("invalid_data", "'data' has to be an object");
    }
    Map<String, Object> members = new LinkedHashMap<>();
    if (data != null) {
      ((Map<?, ?>) data).forEach((name, value) -> members.put((String) name, value));
    }
    return new Frame(type, new JsonObject(members));
  }

  static String write(String type, JsonObject data) {
    return new JsonObject().put("type", type).put("data", data).encode();
  }

  private Map<?, ?> parse(byte[] utf8) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
      Object value = mapper.readValue(text, Object.class);
      if (value instanceof Map<?, ?> object) {
        return object;
      }
      throw new FrameFault("not_an_object", "a frame has to be a JSON object {type, data}");
    } catch (CharacterCodingException e) {
      throw new FrameFault("invalid_utf8", "a text frame has to be UTF-8");
    } catch (StreamConstraintsException e) {
      throw new FrameFault("invalid_json", "the JSON is beyond a limit: " + said(e));
    } catch (JsonProcessingException e) {
      throw new FrameFault("invalid_json", "the frame is not valid JSON: " + said(e));
    } catch (IOException | StackOverflowError e) {
      throw new FrameFault("invalid_json", "the frame cannot be read");
    }
  }

  private static String said(JsonProcessingException e) {
    String message = e.getOriginalMessage().replaceFirst("(?s) \\(start marker at .*", "");
    return message.length() > 200 ? message.substring(0, 200) : message;
  }
}
