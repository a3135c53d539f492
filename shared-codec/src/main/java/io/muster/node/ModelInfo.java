package io.muster.node;

/**
 * A model that a node serves.
 *
 * @param id as clients name it
 * @param provider who runs it: {@code openai}, {@code anthropic}, {@code ollama}, {@code demo}
 * @param ownedBy OpenAI's {@code owned_by}
 * @param created seconds since 1970, 0 when nobody says
 * @param contextTokens how many tokens fit the model's context, 0 when nobody says
 */
public record ModelInfo(
    String id, String provider, String ownedBy, long created, int contextTokens) {}
