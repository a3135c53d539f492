package io.muster.hub.history;

import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.AdminUser;
import io.muster.hub.auth.Role;
import io.muster.hub.fleet.FleetView;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SortedMap;

/** {@code GET /api/admin/nodes/:nodeId/history}: a node's figures as points of a chart. */
public final class HistoryRoutes implements ApiRoutes {
  private static final int MOST_METRICS = 20;
  private static final int MOST_POINTS = 2_000;
  private static final int GOOD_POINTS = 1_000;
  private static final int DAY_S = 86_400;

  private final NodeHistory history;
  private final FleetView fleet;
  private final AdminGuard guard;
  private final Clock clock;

  public HistoryRoutes(NodeHistory history, FleetView fleet, AdminGuard guard, Clock clock) {
    this.history = history;
    this.fleet = fleet;
    this.guard = guard;
    this.clock = clock;
  }

  @Override
  public void add(Router router, Api api) {
    router
        .get("/api/admin/nodes/:nodeId/history")
        .handler(guard.forAdmins(api, Role.VIEWER, this::show));
  }

  private Future<ApiReply> show(ApiCall call, AdminUser user) {
    String id = call.path("nodeId");
    Set<String> metrics = metrics(call.query("metric").orElse("cpu"));
    long now = clock.millis();
    long to = call.query("to", 0, Long.MAX_VALUE, now + 1);
    long from = call.query("from", 0, Long.MAX_VALUE, Math.max(0, to - 3_600_000));
    if (from >= to) {
      throw ApiErrors.invalid("from", "'from' has to be before 'to', in milliseconds since 1970.");
    }
    int wanted = (int) call.query("step", 1, DAY_S, 0);
    if (history.tiers().isEmpty()) {
      throw ApiErrors.of(
          404, "no_history", "This hub keeps no history: HISTORY_RAW_MINUTES and the like are 0.");
    }
    Tier tier = tier(from, to, now, wanted);
    int step = step(tier, from, to, wanted);
    return history
        .read(new HistoryStore.Question(id, tier.step(), from, to, step * 1000L, metrics))
        .map(
            points -> {
              if (points.isEmpty() && fleet.node(id).isEmpty()) {
                throw ApiErrors.notFound("node_not_found", "There is no node '" + id + "'.");
              }
              return ApiReply.ok(
                  new JsonObject()
                      .put("success", true)
                      .put("nodeId", id)
                      .put("from", from)
                      .put("to", to)
                      .put("step", step)
                      .put("metrics", byMetric(points, metrics)));
            });
  }

  private Tier tier(long from, long to, long now, int wanted) {
    Duration age = Duration.ofMillis(Math.max(0, now - from));
    // Not finer than a chart of the whole time can show.
    int enough = (int) Math.min(DAY_S, (to - from) / 1000 / GOOD_POINTS);
    return Tier.choose(history.tiers(), age, wanted > 0 ? wanted : Math.max(1, enough));
  }

  /** A multiple of the tier's, so that every point has as many rows behind it. */
  private static int step(Tier tier, long from, long to, int wanted) {
    long seconds = Math.max(1, (to - from) / 1000);
    long least = wanted > 0 ? wanted : seconds / GOOD_POINTS;
    long step = Math.max(1, (least + tier.step() - 1) / tier.step()) * tier.step();
    if (seconds / step > MOST_POINTS) {
      throw ApiErrors.invalid(
          "step",
          "'step' is too small for this time: at most "
              + MOST_POINTS
              + " points are given, so at least "
              + (seconds / MOST_POINTS + 1)
              + " s.");
    }
    return (int) Math.min(Integer.MAX_VALUE, step);
  }

  private static JsonObject byMetric(SortedMap<Long, Bucket> buckets, Set<String> metrics) {
    JsonObject all = new JsonObject();
    for (String metric : metrics) {
      JsonArray points = new JsonArray();
      buckets.forEach(
          (begin, bucket) -> {
            JsonArray point = bucket.point(metric);
            if (point != null) {
              points.add(new JsonArray().add(begin).add(point.getValue(0)).add(point.getValue(1)));
            }
          });
      all.put(metric, points);
    }
    return all;
  }

  private static Set<String> metrics(String text) {
    Set<String> metrics = new LinkedHashSet<>();
    for (String name : text.split(",", -1)) {
      if (!Figures.isKnown(name.strip())) {
        throw ApiErrors.invalid("metric", "'metric' has to be of: " + Figures.known() + ".");
      }
      metrics.add(name.strip());
    }
    if (metrics.size() > MOST_METRICS) {
      throw ApiErrors.invalid("metric", "'metric' may name " + MOST_METRICS + " figures at most.");
    }
    return metrics;
  }
}
