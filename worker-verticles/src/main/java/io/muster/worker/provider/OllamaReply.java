package io.muster.worker.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.muster.bus.FaultException;
import io.muster.job.Job;
import io.muster.job.Usage;
import java.io.IOException;
import java.time.Clock;

/** Makes OpenAI's completion out of Ollama's whole answer. */
record OllamaReply(ProviderFaults faults, Job job, Clock clock) implements WholeAnswer.Converter {
  @Override
  public WholeAnswer.Result convert(byte[] json) throws IOException {
    JsonNode reply = Json.MAPPER.readTree(json);
    if (reply != null && reply.has("error")) {
      throw new FaultException(faults.ofError(reply.get("error").toString()));
    }
    if (reply == null || !reply.path("message").isObject()) {
      throw new IOException("no message");
    }
    JsonNode message = reply.path("message");
    ArrayNode toolCalls = Json.MAPPER.createArrayNode();
    for (JsonNode call : message.path("tool_calls")) {
      Completion.addToolCall(
          toolCalls,
          toolCallId(call, job, toolCalls.size()),
          call.path("function").path("name").asText(),
          arguments(call));
    }
    String text = message.path("content").asText("");
    String thinking = message.path("thinking").asText("");
    Usage usage = usage(reply, job);
    if (usage == null) {
      usage =
          new Usage(TokenEstimate.ofMessages(job.body()), TokenEstimate.of(text + thinking), true);
    }
    return new Completion(
            "chatcmpl-" + job.id(),
            clock.millis() / 1000,
            reply.path("model").asText(job.model()),
            text.isEmpty() && !toolCalls.isEmpty() ? null : text,
            thinking.isEmpty() ? null : thinking,
            toolCalls,
            finishReason(reply, !toolCalls.isEmpty()),
            usage)
        .result();
  }

  static String finishReason(JsonNode reply, boolean toolCalls) {
    if (toolCalls) {
      return "tool_calls";
    }
    return reply.path("done_reason").asText("").equals("length") ? "length" : "stop";
  }

  /** Ollama's own id where it gives one, else one that is unique within the fleet. */
  static String toolCallId(JsonNode call, Job job, int index) {
    String id = call.path("id").asText("");
    return id.isEmpty() ? "call_" + job.id() + "_" + index : id;
  }

  /** The arguments as the text that OpenAI's clients expect. */
  static String arguments(JsonNode call) {
    JsonNode arguments = call.path("function").path("arguments");
    return arguments.isObject() ? arguments.toString() : arguments.asText("{}");
  }

  /**
   * What it took, null when it does not say; the prompt is not counted where it was all in the
   * cache.
   */
  static Usage usage(JsonNode reply, Job job) {
    int completion = reply.path("eval_count").asInt(-1);
    if (completion < 0) {
      return null;
    }
    int prompt = reply.path("prompt_eval_count").asInt(0);
    return prompt > 0
        ? new Usage(prompt, completion, false)
        : new Usage(TokenEstimate.ofMessages(job.body()), completion, true);
  }
}
