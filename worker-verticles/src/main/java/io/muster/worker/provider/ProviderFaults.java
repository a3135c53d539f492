package io.muster.worker.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.vertx.core.MultiMap;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import javax.net.ssl.SSLException;

/** Says what a server's refusal, or a connection's end, means for the job. */
final class ProviderFaults {
  private static final int LONGEST_TEXT = 300;
  private static final long LONGEST_RETRY_MS = Duration.ofDays(1).toMillis();

  /** Where the server is and how it is called, as messages name it: {@code openai (https://…)}. */
  private final String server;

  private final String secret;

  /**
   * @param secret never shown, even where the server repeats it; may be null
   */
  ProviderFaults(String server, String secret) {
    this.server = server;
    this.secret = secret;
  }

  /** What an answer with a status of 300 or higher means. */
  Fault ofStatus(int status, MultiMap headers, byte[] body, Instant now) {
    JsonNode error = error(body);
    String said = text(error, body);
    String type = error == null ? "" : error.path("type").asText("");
    String code = error == null ? "" : error.path("code").asText("");
    long retryAfterMs = retryAfterMs(headers, now);
    if (status == 401 || status == 403) {
      // What it says may hold a part of the key.
      return Fault.of(
          Failure.PROVIDER_AUTH, server + " refused the credentials it was given (" + status + ")");
    }
    if (status == 402) {
      return Fault.of(Failure.PROVIDER_AUTH, server + " wants to be paid (402)" + said);
    }
    if (isLimit(status, said, retryAfterMs)) {
      return Fault.of(
          Failure.PROVIDER_LIMITED,
          server + " takes no more for now (" + status + ")" + said,
          retryAfterMs);
    }
    if (isUnknownModel(status, type, code, said)) {
      return new Fault(
          Failure.MODEL_NOT_FOUND, server + " does not have the model" + said, 0, detail(error));
    }
    if (status == 413) {
      return new Fault(
          Failure.TOO_LARGE, server + " finds the request too large" + said, 0, detail(error));
    }
    if (isClientsOwn(status)) {
      return new Fault(
          Failure.BAD_REQUEST,
          server + " refused the request (" + status + ")" + said,
          0,
          detail(error));
    }
    return Fault.of(
        Failure.PROVIDER_ERROR,
        server + " answered " + status + hint(status, headers) + said,
        retryAfterMs);
  }

  /**
   * What an error object within an answer means, where the status said that all was well.
   *
   * @param json the object, or a text, as JSON
   */
  Fault ofError(String json) {
    JsonNode error = error(("{\"error\":" + json + "}").getBytes(StandardCharsets.UTF_8));
    String said = text(error, null);
    String kind = error == null ? "" : error.path("type").asText() + error.path("code").asText();
    if (kind.contains("overloaded") || kind.contains("rate_limit") || kind.contains("429")) {
      return Fault.of(Failure.PROVIDER_LIMITED, server + " takes no more for now" + said);
    }
    if (kind.contains("invalid_request") || kind.contains("BadRequest") || kind.endsWith("400")) {
      return new Fault(
          Failure.BAD_REQUEST, server + " refused the request" + said, 0, detail(error));
    }
    if (kind.contains("authentication_error") || kind.contains("permission_error")) {
      return Fault.of(Failure.PROVIDER_AUTH, server + " refused the credentials it was given");
    }
    return Fault.of(Failure.PROVIDER_ERROR, server + " broke off" + said);
  }

  /** What the end of a connection means, or that none could be made. */
  Fault ofCause(Throwable cause, int connectTimeoutMs) {
    String name = cause.getClass().getSimpleName();
    if (name.contains("ConnectTimeout")) {
      return Fault.of(
          Failure.PROVIDER_TIMEOUT,
          "no connection to " + server + " within " + connectTimeoutMs + " ms");
    }
    if (cause instanceof UnknownHostException) {
      return error("the name of " + server + " cannot be resolved");
    }
    if (cause instanceof ConnectException) {
      return error(server + " cannot be reached: connection refused");
    }
    if (cause instanceof SSLException || name.contains("SSL")) {
      return error(server + " cannot be reached by TLS: " + cause.getMessage());
    }
    return error(server + " closed the connection: " + cause.getMessage());
  }

  /** A failure of the server, in words of Muster. */
  Fault error(String message) {
    return Fault.of(Failure.PROVIDER_ERROR, hide(message));
  }

  /** The same, about what the server said: {@code openai (…) answered with …}. */
  Fault answeredWith(String what) {
    return error(server + " answered with " + what);
  }

  Fault timeout(String message) {
    return Fault.of(Failure.PROVIDER_TIMEOUT, message);
  }

  String server() {
    return server;
  }

  /** Milliseconds that {@code retry-after-ms} or {@code Retry-After} ask for, 0 when none. */
  static long retryAfterMs(MultiMap headers, Instant now) {
    String ms = headers.get("retry-after-ms");
    String after = headers.get("retry-after");
    double wanted = 0;
    try {
      if (ms != null) {
        wanted = Double.parseDouble(ms.strip());
      } else if (after != null) {
        wanted = Double.parseDouble(after.strip()) * 1000;
      }
    } catch (NumberFormatException e) {
      wanted = after == null ? 0 : untilDate(after.strip(), now);
    }
    return wanted > 0 ? Math.min(LONGEST_RETRY_MS, (long) Math.max(1, wanted)) : 0;
  }

  private static long untilDate(String date, Instant now) {
    try {
      ZonedDateTime at = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME);
      return Duration.between(now, at.toInstant()).toMillis();
    } catch (DateTimeException e) {
      return 0;
    }
  }

  private static boolean isLimit(int status, String said, long retryAfterMs) {
    return switch (status) {
      case 429, 529 -> true;
      // Ollama's "server busy" comes without a time.
      case 503 -> retryAfterMs > 0 || said.contains("busy") || said.contains("overloaded");
      default -> false;
    };
  }

  private static boolean isUnknownModel(int status, String type, String code, String said) {
    if (code.equals("model_not_found")) {
      return true;
    }
    String text = (type + said).toLowerCase(Locale.ROOT);
    return status == 404 && text.contains("model");
  }

  private static boolean isClientsOwn(int status) {
    return switch (status) {
      case 404, 405, 407, 408, 409, 421, 423, 424, 425 -> false;
      default -> status >= 400 && status < 500;
    };
  }

  private static String hint(int status, MultiMap headers) {
    if (status == 404 || status == 405) {
      return ": is its base URL right?";
    }
    String location = headers.get("location");
    return status < 400 && location != null ? ", it points to " + location : "";
  }

  /** The error in a body of whatever make, as an object; null when there is none. */
  private static JsonNode error(byte[] body) {
    try {
      JsonNode json = Json.MAPPER.readTree(body);
      if (json == null || !json.isObject()) {
        return null;
      }
      JsonNode error = json.has("error") ? json.get("error") : json.get("detail");
      if (error == null) {
        return json.has("message") ? json : null;
      }
      if (error.isObject()) {
        return error;
      }
      return Json.MAPPER.createObjectNode().put("message", asText(error));
    } catch (IOException e) {
      return null;
    }
  }

  /** OpenAI's error object: the server's own, with the members that clients expect. */
  private String detail(JsonNode error) {
    if (error == null) {
      return null;
    }
    ObjectNode detail = Json.MAPPER.createObjectNode();
    detail.put("message", error.path("message").asText(""));
    detail.put("type", error.path("type").asText("invalid_request_error"));
    detail.set("param", error.has("param") ? error.get("param") : detail.nullNode());
    detail.set("code", error.has("code") ? error.get("code") : detail.nullNode());
    return hide(detail.toString());
  }

  private String text(JsonNode error, byte[] body) {
    String text = error == null ? "" : error.path("message").asText("");
    if (text.isEmpty() && body != null) {
      text = new String(body, 0, Math.min(body.length, LONGEST_TEXT), StandardCharsets.UTF_8);
    }
    text = text.replaceAll("\\s+", " ").strip();
    if (text.length() > LONGEST_TEXT) {
      text = text.substring(0, LONGEST_TEXT) + "…";
    }
    return text.isEmpty() ? "" : ": " + hide(text);
  }

  private String hide(String text) {
    return secret == null || secret.length() < 4 ? text : text.replace(secret, "***");
  }

  private static String asText(JsonNode node) {
    return node.isTextual() ? node.asText() : node.toString();
  }
}
