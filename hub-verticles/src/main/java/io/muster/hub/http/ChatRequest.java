package io.muster.hub.http;

/**
 * What the hub has to know of a chat completion request; the rest of it goes through as it is.
 *
 * @param model as the client named it; null when it left that to the hub
 * @param includeUsage the client wants the last chunk of its stream to tell the tokens
 * @param affinity of requests that do best on the same node; never null
 * @param tools the fleet's tools that the answer may use; null where the client says nothing of
 *     {@code muster}
 */
record ChatRequest(
    String model, boolean stream, boolean includeUsage, String affinity, ToolWish tools) {}
