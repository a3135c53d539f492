package io.muster.hub.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The shapes that an error takes on the wire. */
enum ErrorBody {
  /** {@code {"error":{message,type,param,code}}}: what OpenAI's clients parse. */
  OPENAI {
    @Override
    void write(ApiError error, String requestId, JsonGenerator json) throws IOException {
      json.writeStartObject();
      json.writeFieldName("error");
      if (HttpJson.isObject(error.detail())) {
        json.writeRawValue(error.detail());
      } else {
        json.writeStartObject();
        json.writeStringField("message", error.message());
        json.writeStringField("type", error.type());
        json.writeStringField("param", error.param());
        json.writeStringField("code", error.code());
        json.writeEndObject();
      }
      json.writeEndObject();
    }
  },

  /**
   * {@code {"error":"text", …}}: Ollama's form, with more beside it; on all paths that are not
   * OpenAI's.
   */
  PLAIN {
    @Override
    void write(ApiError error, String requestId, JsonGenerator json) throws IOException {
      json.writeStartObject();
      json.writeStringField("error", error.message());
      json.writeStringField("code", error.code() == null ? error.type() : error.code());
      if (error.param() != null) {
        json.writeStringField("param", error.param());
      }
      json.writeStringField("request_id", requestId);
      json.writeEndObject();
    }
  };

  abstract void write(ApiError error, String requestId, JsonGenerator json) throws IOException;

  Buffer body(ApiError error, String requestId) {
    return Buffer.buffer(bytes(error, requestId));
  }

  /** The same as an event on a stream that has begun. */
  byte[] event(ApiError error, String requestId) {
    return HttpJson.event(bytes(error, requestId));
  }

  byte[] bytes(ApiError error, String requestId) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    try (JsonGenerator json = HttpJson.MAPPER.createGenerator(out)) {
      write(error, requestId, json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** OpenAI's under /v1, plain elsewhere. */
  static ErrorBody forPath(String path) {
    return path != null && path.startsWith("/v1") && (path.length() == 3 || path.charAt(3) == '/')
        ? OPENAI
        : PLAIN;
  }
}
