package io.muster.hub.http;

import io.muster.hub.chat.OpenTurn;
import io.muster.hub.dispatch.Dispatch;

/** The companions that can be talked to. */
public interface CompanionDesk {
  /** None. */
  CompanionDesk NONE =
      id -> {
        throw unknown(id);
      };

  /**
   * A companion that has registered.
   *
   * @throws RuntimeException 404 naming it when there is none
   */
  Companion find(String id);

  /** The answer to whoever asks for a companion that is not there. */
  static RuntimeException unknown(String id) {
    return ApiError.of(
            404, "companion_not_found", "companion", "There is no companion '" + id + "'.")
        .asException();
  }

  /** One of them. */
  interface Companion {
    String id();

    /** Its personality, for the model that speaks for it. */
    String systemPrompt();

    /** The model that speaks for it, null for the fleet's default. */
    String model();

    /** Whether it can answer itself, now. */
    boolean speaks();

    /**
     * Lets the companion answer a turn itself.
     *
     * @param otherwise answers when it does not in time
     */
    Dispatch voice(OpenTurn turn, Dispatch otherwise);
  }
}
