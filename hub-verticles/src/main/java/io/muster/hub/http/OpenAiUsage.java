package io.muster.hub.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.muster.job.Usage;
import java.io.IOException;

/** OpenAI's {@code usage} member. */
final class OpenAiUsage {
  private OpenAiUsage() {}

  static void write(Usage usage, JsonGenerator out) throws IOException {
    Usage tokens = usage == null ? Usage.NONE : usage;
    out.writeObjectFieldStart("usage");
    out.writeNumberField("prompt_tokens", tokens.promptTokens());
    out.writeNumberField("completion_tokens", tokens.completionTokens());
    out.writeNumberField("total_tokens", tokens.totalTokens());
    out.writeEndObject();
  }
}
