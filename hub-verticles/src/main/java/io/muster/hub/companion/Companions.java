package io.muster.hub.companion;

import io.muster.bus.Bus;
import io.muster.hub.chat.OpenTurn;
import io.muster.hub.dispatch.Dispatch;
import io.muster.hub.fleet.FleetView;
import io.muster.hub.fleet.NodeView;
import io.muster.hub.gateway.SocketFeature;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.http.CompanionDesk;
import io.muster.node.NodeType;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Duration;

/** The companions of the fleet, and {@code GET /api/companions}. Used on the hub's event loop. */
public final class Companions implements CompanionDesk, ApiRoutes {
  /** With this capability a companion answers itself. */
  static final String DIALOGUE = "dialogue";

  private final FleetView fleet;
  private final Bus bus;
  private final Duration patience;

  /**
   * @param patience for the reply of one that answers itself
   */
  public Companions(FleetView fleet, Bus bus, Duration patience) {
    this.fleet = fleet;
    this.bus = bus;
    this.patience = patience;
  }

  /** For companions that are connected to this hub's own socket. */
  public SocketFeature socket() {
    return new CompanionSocket(bus.vertx(), patience.toMillis());
  }

  @Override
  public void add(Router router, Api api) {
    router.get("/api/companions").handler(api.forCallers(call -> Future.succeededFuture(list())));
  }

  private ApiReply list() {
    JsonArray companions = new JsonArray();
    for (NodeView node : fleet.nodes()) {
      if (isCompanion(node)) {
        companions.add(json(node));
      }
    }
    return ApiReply.ok(
        new JsonObject().put("companions", companions).put("total", companions.size()));
  }

  private static JsonObject json(NodeView node) {
    Personality personality = Personality.of(node.info().personality());
    return new JsonObject()
        .put("id", node.info().id())
        .put("name", personality.name() == null ? node.info().name() : personality.name())
        .put("status", node.state().label())
        .put("description", personality.description())
        .put("greeting", personality.greeting())
        .put("language", personality.language())
        .put("traits", new JsonArray(personality.traits()))
        .put("model", personality.model())
        .put("speaks_itself", speaks(node));
  }

  @Override
  public Companion find(String id) {
    NodeView node =
        fleet.node(id).filter(Companions::isCompanion).orElseThrow(() -> CompanionDesk.unknown(id));
    return new One(node, Personality.of(node.info().personality()));
  }

  private static boolean isCompanion(NodeView node) {
    return node.info().type() == NodeType.COMPANION;
  }

  private static boolean speaks(NodeView node) {
    return node.isUp() && node.info().capabilities().contains(DIALOGUE);
  }

  /** One of them, as it is now. */
  private final class One implements Companion {
    private final NodeView node;
    private final Personality personality;

    private One(NodeView node, Personality personality) {
      this.node = node;
      this.personality = personality;
    }

    @Override
    public String id() {
      return node.info().id();
    }

    @Override
    public String systemPrompt() {
      return personality.systemPrompt(node.info().name());
    }

    @Override
    public String model() {
      return personality.model();
    }

    @Override
    public boolean speaks() {
      return Companions.speaks(node);
    }

    @Override
    public Dispatch voice(OpenTurn turn, Dispatch otherwise) {
      return new CompanionVoice(bus, id(), turn, patience, otherwise);
    }
  }
}
