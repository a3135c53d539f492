package io.muster.hub.llm;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.muster.hub.http.ModelCatalogue;
import io.muster.job.Job;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.UUID;

/** Reads {@code llm_request} frames: their options become the fields of OpenAI's request. */
final class LlmRequest {
  private static final int PRIORITY = 5;

  /** What OpenAI calls otherwise; all that is not here goes on by the name it has. */
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("maxTokens", "max_tokens"),
          Map.entry("maxCompletionTokens", "max_completion_tokens"),
          Map.entry("topP", "top_p"),
          Map.entry("topK", "top_k"),
          Map.entry("frequencyPenalty", "frequency_penalty"),
          Map.entry("presencePenalty", "presence_penalty"),
          Map.entry("stopSequences", "stop"),
          Map.entry("responseFormat", "response_format"),
          Map.entry("toolChoice", "tool_choice"),
          Map.entry("parallelToolCalls", "parallel_tool_calls"),
          Map.entry("reasoningEffort", "reasoning_effort"),
          Map.entry("logitBias", "logit_bias"));

  private LlmRequest() {}

  /**
   * The job that a frame asks for.
   *
   * @param data of the frame, whose {@code requestId} was checked
   * @throws FaultException saying which field is wrong, or that nobody serves the model
   */
  static Job job(JsonObject data, String requestId, ModelCatalogue catalogue, long timeoutMs) {
    Object messages = data.getValue("messages");
    if (!(messages instanceof JsonArray array) || array.isEmpty()) {
      throw invalid("'messages' has to be an array of at least one message.");
    }
    for (int i = 0; i < array.size(); i++) {
      if (!(array.getValue(i) instanceof JsonObject message)
          || !(message.getValue("role") instanceof String)) {
        throw invalid("'messages[" + i + "]' has to be an object with a role.");
      }
    }
    JsonObject options = options(data);
    String model = model(data.getValue("model"), catalogue);
    Object stream = options.getValue("stream");
    if (stream != null && !(stream instanceof Boolean)) {
      throw invalid("'options.stream' has to be true or false.");
    }
    boolean streaming = Boolean.TRUE.equals(stream);
    return new Job(
        "llm_" + UUID.randomUUID(),
        requestId,
        Job.Kind.CHAT,
        model,
        streaming,
        null,
        PRIORITY,
        timeoutMs,
        body(model, array, streaming, options).getBytes());
  }

  private static JsonObject options(JsonObject data) {
    Object options = data.getValue("options");
    if (options == null) {
      return new JsonObject();
    }
    if (!(options instanceof JsonObject object)) {
      throw invalid("'options' has to be an object.");
    }
    for (String field : new String[] {"model", "messages"}) {
      if (object.containsKey(field)) {
        throw invalid("'options." + field + "' belongs into the request itself: '" + field + "'.");
      }
    }
    return object;
  }

  /**
   * The model that is meant.
   *
   * @param named null or empty for the default
   * @throws FaultException when nobody serves it
   */
  static String model(Object named, ModelCatalogue catalogue) {
    if (named != null && !(named instanceof String)) {
      throw invalid("'model' has to be a string.");
    }
    String model = (String) named;
    if (model == null || model.isEmpty()) {
      return catalogue.defaultModel().orElseThrow(LlmRequest::nobody);
    }
    if (!catalogue.knows(model)) {
      throw catalogue.models().isEmpty()
          ? nobody()
          : Fault.of(Failure.MODEL_NOT_FOUND, "The model '" + model + "' does not exist here.")
              .asException();
    }
    return model;
  }

  private static Buffer body(String model, JsonArray messages, boolean stream, JsonObject options) {
    JsonObject body =
        new JsonObject().put("model", model).put("messages", messages).put("stream", stream);
    for (Map.Entry<String, Object> option : options) {
      if (!option.getKey().equals("stream") && option.getValue() != null) {
        body.put(NAMES.getOrDefault(option.getKey(), option.getKey()), option.getValue());
      }
    }
    return body.toBuffer();
  }

  private static FaultException nobody() {
    return Fault.of(Failure.NO_CAPACITY, "No worker with a model is connected to this hub.", 2000)
        .asException();
  }

  private static FaultException invalid(String message) {
    return Fault.of(Failure.BAD_REQUEST, message).asException();
  }
}
