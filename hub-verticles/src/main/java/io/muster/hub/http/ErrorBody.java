package io.muster.hub.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.muster.hub.quota.Refusal;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
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
        quota(error, json);
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
      quota(error, json);
      json.writeStringField("request_id", requestId);
      json.writeEndObject();
    }
  },

  /** RFC 9457, for administration. */
  PROBLEM {
    @Override
    void write(ApiError error, String requestId, JsonGenerator json) throws IOException {
      json.writeStartObject();
      json.writeStringField("type", "about:blank");
      json.writeStringField("title", HttpResponseStatus.valueOf(error.status()).reasonPhrase());
      json.writeNumberField("status", error.status());
      json.writeStringField("detail", error.message());
      json.writeStringField("code", error.code() == null ? error.type() : error.code());
      if (error.param() != null) {
        json.writeStringField("field", error.param());
      }
      json.writeStringField("request_id", requestId);
      json.writeBooleanField("success", false);
      json.writeEndObject();
    }

    @Override
    CharSequence contentType() {
      return PROBLEM_JSON;
    }
  };

  private static final CharSequence PROBLEM_JSON =
      HttpHeaders.createOptimized("application/problem+json");

  /** Which limit it was, for programs. */
  private static void quota(ApiError error, JsonGenerator json) throws IOException {
    if (error.quota() != null) {
      Refusal refusal = error.quota().refusal();
      json.writeObjectFieldStart("quota");
      json.writeStringField("what", refusal.what().label());
      json.writeNumberField("limit", refusal.limit());
      json.writeNumberField("used", refusal.used());
      json.writeNumberField("requested", refusal.wanted());
      json.writeNumberField("retry_after_ms", refusal.retryAfterMs());
      json.writeEndObject();
    }
  }

  abstract void write(ApiError error, String requestId, JsonGenerator json) throws IOException;

  CharSequence contentType() {
    return Exchange.JSON;
  }

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

  /** OpenAI's under /v1, problems under /api/admin, plain elsewhere. */
  static ErrorBody forPath(String path) {
    if (path == null) {
      return PLAIN;
    }
    return under(path, "/v1") ? OPENAI : under(path, "/api/admin") ? PROBLEM : PLAIN;
  }

  private static boolean under(String path, String root) {
    return path.startsWith(root)
        && (path.length() == root.length() || path.charAt(root.length()) == '/');
  }
}
