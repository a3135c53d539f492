package io.muster.worker.tool.web;

import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.net.AllowedHosts;
import io.muster.runtime.ops.BuildInfo;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.Settings;
import io.muster.runtime.settings.ToolSettings;
import io.muster.worker.feature.NodeContext;
import io.muster.worker.feature.NodeFeature;
import io.muster.worker.task.Tool;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** {@code web_search} and {@code web_fetch}. */
public final class WebFeature implements NodeFeature {
  private static final int THREADS = 4;

  private final NodeContext node;
  private final boolean searches;
  private final boolean fetches;
  private final Optional<SearchEngine> engine;
  private Web web;
  private WorkerExecutor executor;

  public WebFeature(NodeContext node) {
    this.node = node;
    Settings settings = node.settings();
    this.searches = settings.get(Catalogue.ENABLE_WEB_SEARCH);
    this.fetches = settings.get(ToolSettings.ENABLE_WEB_FETCH);
    this.engine = engine(settings);
  }

  /** Whether the settings ask for any of it. */
  public static boolean isOn(Settings settings) {
    return settings.get(Catalogue.ENABLE_WEB_SEARCH) || settings.get(ToolSettings.ENABLE_WEB_FETCH);
  }

  private static Optional<SearchEngine> engine(Settings settings) {
    return settings
        .find(ToolSettings.SEARXNG_URL)
        .<SearchEngine>map(url -> new SearchEngine.SearXng(url.toString()))
        .or(
            () ->
                settings
                    .find(ToolSettings.SEARCH_API_KEY)
                    .map(
                        key ->
                            new SearchEngine.Brave(
                                settings.get(ToolSettings.SEARCH_API_URL).toString(), key)));
  }

  @Override
  public String name() {
    return "web";
  }

  @Override
  public Future<Void> start() {
    Settings settings = node.settings();
    AllowedHosts allowed;
    try {
      allowed = new AllowedHosts(settings.get(ToolSettings.WEB_ALLOWED_HOSTS));
    } catch (IllegalArgumentException e) {
      return Future.failedFuture(new StartRefused("WEB_ALLOWED_HOSTS " + e.getMessage()));
    }
    WebOptions options =
        new WebOptions(
            settings.get(ToolSettings.WEB_TIMEOUT_MS),
            settings.get(ToolSettings.WEB_MAX_BYTES),
            settings.get(ToolSettings.WEB_MAX_CHARS),
            settings.get(ToolSettings.WEB_MAX_REDIRECTS));
    executor = node.vertx().createSharedWorkerExecutor("muster-web", THREADS, 60, TimeUnit.SECONDS);
    web =
        new Web(node.vertx(), Web.options(), "Muster/" + BuildInfo.of(WebFeature.class).version());
    List<Tool> tools = new ArrayList<>();
    if (fetches) {
      tools.add(
          new WebFetch(
              new PublicPages(web, executor, allowed, options, System::nanoTime),
              options,
              executor));
    }
    if (searches) {
      engine.ifPresent(chosen -> tools.add(new WebSearch(web, chosen, options)));
    }
    node.tools().add(tools);
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> stop() {
    return web == null ? Future.succeededFuture() : web.close().eventually(() -> executor.close());
  }

  @Override
  public List<HealthCheck> health() {
    return List.of(HealthCheck.of("web tools", this::finding));
  }

  private Finding finding() {
    return searches && engine.isEmpty()
        ? Finding.degraded("web_search is off: neither SEARXNG_URL nor SEARCH_API_KEY is set")
        : Finding.healthy(null);
  }

  @Override
  public JsonObject info() {
    return new JsonObject()
        .put("web_fetch", fetches)
        .put("web_search", searches ? engine.map(SearchEngine::name).orElse("off") : "off");
  }
}
