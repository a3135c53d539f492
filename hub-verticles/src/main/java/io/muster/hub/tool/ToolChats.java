package io.muster.hub.tool;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.hub.dispatch.Dispatch;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ToolDesk;
import io.muster.hub.http.ToolWish;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Opens chats that use the fleet's tools. Used on the hub's event loop. */
public final class ToolChats implements ToolDesk {
  private final Supplier<List<Offered>> offered;
  private final Caller tools;
  private final ToolOptions options;
  private final BiConsumer<String, Map<String, Object>> events;
  private final LongSupplier nanoTime;

  /** Calls a tool, see {@link FleetTools#call}. */
  interface Caller {
    ToolCall call(String name, JsonObject args, Duration timeout, String caller);
  }

  /**
   * @param events emits one
   */
  public ToolChats(
      FleetTools tools,
      ToolOptions options,
      BiConsumer<String, Map<String, Object>> events,
      LongSupplier nanoTime) {
    this(tools::list, tools::call, options, events, nanoTime);
  }

  ToolChats(
      Supplier<List<Offered>> offered,
      Caller tools,
      ToolOptions options,
      BiConsumer<String, Map<String, Object>> events,
      LongSupplier nanoTime) {
    this.offered = offered;
    this.tools = tools;
    this.options = options;
    this.events = events;
    this.nanoTime = nanoTime;
  }

  @Override
  public ToolChat open(ToolWish wish, ObjectNode request, String caller) {
    if (request.path("n").asInt(1) > 1) {
      throw ApiErrors.invalid(
          "n", "'n' has to be 1 where '" + wish.field() + "' is used: tools have one answer.");
    }
    ToolTalk talk = new ToolTalk(request, chosen(wish));
    return new ToolChat() {
      @Override
      public byte[] body() {
        return talk.body();
      }

      @Override
      public Dispatch over(Dispatch models, Rounds quota) {
        return (job, listener) ->
            new ToolLoop(models, quota, tools, talk, options, events, nanoTime, caller)
                .begin(job, listener);
      }
    };
  }

  private List<Offered> chosen(ToolWish wish) {
    List<Offered> all = offered.get();
    if (wish.all()) {
      return all;
    }
    List<Offered> chosen = new ArrayList<>();
    for (String name : wish.names()) {
      chosen.add(
          all.stream()
              .filter(tool -> tool.name().equals(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      ApiErrors.invalid(
                          wish.field(),
                          "'%s': no node offers a tool %s now; GET /api/tools lists what there is."
                              .formatted(wish.field(), name))));
    }
    return chosen;
  }
}
